//go:build invariants

package readv

import "fmt"

// poisonVoid is what is put where nothing counts when an Op is handed back.
const poisonVoid = 0xAD

func broken(format string, args ...any) {
	panic("readv: invariants: " + fmt.Sprintf(format, args...))
}

// opGuard remembers an operation as it was when it was taken in.
type opGuard struct {
	self *Op
	file *File
	off  int64
	iovs [][]byte
}

// guardUse panics if the operation is a copy of one that has been used.
func (o *Op) guardUse() {
	g := &o.state.guard
	if g.self != nil && g.self != o {
		broken("an Op was copied after its first use")
	}
	g.self = o
}

// guardTaken runs when the operation is taken in.
func (o *Op) guardTaken() {
	g := &o.state.guard
	g.file, g.off, g.iovs = o.File, o.Off, append(g.iovs[:0], o.Iovs...)
}

// guardHandedBack panics if the caller has changed the operation meanwhile, and
// poisons what does not count.
func (o *Op) guardHandedBack() {
	o.guardUse()
	g := &o.state.guard
	same := len(o.Iovs) == len(g.iovs)
	for i := 0; same && i < len(g.iovs); i++ {
		a, b := o.Iovs[i], g.iovs[i]
		same = len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
	}
	switch {
	case !same:
		broken("Iovs of an Op changed while it was in flight")
	case o.File != g.file:
		broken("File of an Op changed while it was in flight")
	case o.Off != g.off:
		broken("Off of an Op changed while it was in flight")
	case o.N < 0 || o.N > o.state.size:
		broken("%d bytes of %d in an Op", o.N, o.state.size)
	}
	from := o.N
	for _, p := range o.Iovs {
		n := min(from, len(p))
		from -= n
		for i := range p[n:] {
			p[n+i] = poisonVoid
		}
	}
	clear(g.iovs)
	g.file = nil
}

type queueGuard struct{ self *Queue }

// guardUse panics if the queue is a copy.
func (q *Queue) guardUse() {
	if q.guard.self == nil {
		q.guard.self = q
	}
	if q.guard.self != q {
		broken("a Queue was copied")
	}
}

// guardCounts panics if more was handed back than taken in.
func (q *Queue) guardCounts() {
	if q.inFlight < 0 || q.inFlight > q.limit {
		broken("%d operations in flight on a queue for %d", q.inFlight, q.limit)
	}
}

// guardCount panics if more uses have ended than begun.
func (u *uses) guardCount(n int64) {
	if n < 0 {
		broken("%d uses of a file ended that had not begun", -n)
	}
}
