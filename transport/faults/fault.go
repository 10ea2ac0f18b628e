package faults

import "time"

// Kind is what a fault does.
type Kind int

// Values of [Kind].
const (
	Delay         Kind = iota // the stream stands still for Fault.For
	Split                     // the next Fault.Bytes leave one by one, most in a segment of their own
	Cut                       // the stream ends, with FIN
	Reset                     // the stream ends, with RST
	Reorder                   // a record leaves after the next Fault.Records ones
	Duplicate                 // a record leaves twice
	Corrupt                   // Fault.Field of a reply is changed
	BlackHole                 // from here on nothing is passed on, in either direction, and nothing closed
	CloseToClient             // the stream ends, with FIN, while requests are still passed on
	CloseToServer             // the server gets FIN; requests are swallowed, replies passed on

	kinds
)

var kindNames = [kinds]string{
	"delay", "split", "cut", "reset", "reorder", "duplicate", "corrupt",
	"black hole", "half close to client", "half close to server",
}

func (k Kind) String() string { return kindNames[k] }

// Kinds are all there are.
func Kinds() []Kind {
	list := make([]Kind, kinds)
	for i := range list {
		list[i] = Kind(i)
	}
	return list
}

// ofRecord tells the kinds that need a whole record.
func (k Kind) ofRecord() bool { return k == Reorder || k == Duplicate || k == Corrupt }

// Fault is one thing that happens to a connection.
type Fault struct {
	Kind Kind
	// At is after how many bytes of the stream to the client it happens. Kinds
	// that are about a record take the first one that begins there or later and
	// is fit for it; faults after them in the script wait.
	At int64

	For     time.Duration // Delay
	Bytes   int64         // Split
	Records int           // Reorder
	Field   Field         // Corrupt
	Salt    uint32        // Corrupt: chooses among the wrong values
}

// Script gives the faults of a connection, one per call, in the order of At; ok is
// false when there are no more. It is called from one goroutine.
type Script func() (f Fault, ok bool)

// List is the script of these faults.
func List(list ...Fault) Script {
	return func() (f Fault, ok bool) {
		if len(list) == 0 {
			return f, false
		}
		f, list = list[0], list[1:]
		return f, true
	}
}

// Always is List for every connection, as [Options].Script wants it.
func Always(list ...Fault) func(conn int) Script {
	return func(int) Script { return List(list...) }
}

// Only is List for one connection; the others are left alone.
func Only(conn int, list ...Fault) func(conn int) Script {
	return func(n int) Script {
		if n != conn {
			return List()
		}
		return List(list...)
	}
}
