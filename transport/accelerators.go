package transport

import (
	"fmt"
	"math/bits"
	"os"
	"strings"
)

// Accelerators is a set of ways to read with less work. An engine goes by those that
// are there, and does without the others: reads bring the same bytes. Each has a key,
// which does not change; the text of a set is its keys, with commas between them. What
// takes another falls with it.
type Accelerators uint16

const (
	// BoundedWait ("ext-arg"): who waits does so in the kernel for a while, before
	// it parks on the runtime's poller.
	BoundedWait Accelerators = 1 << iota
	// BufferTable ("buffer-table"): [Engine.Register] registers memory with the
	// kernel; without it has no effect.
	BufferTable
	// ReadFixed ("read-fixed") and ReadvFixed ("readv-fixed"): payload is received
	// with READ_FIXED, or with READV_FIXED into several slices, if
	// [Options].FixedBuffers asks for it. They take BufferTable.
	ReadFixed
	ReadvFixed
	// WaitAll ("wait-all"): one receive for all bytes that are owed. It takes
	// CancelBytes and TCPInfo.
	WaitAll
	// CancelBytes ("cancel-bytes"): a receive or send that is cut short says how
	// far it came; without it neither waits for all.
	CancelBytes
	// PollFirst ("poll-first"): a receive of large payload leaves the first piece
	// until a good part is there. It takes LowWater.
	PollFirst
	// LowWater ("low-water"): SO_RCVLOWAT has the socket wake a receive of large
	// payload when a good part is there. It takes TCPInfo.
	LowWater
	// TCPInfo ("tcp-info"): the socket says when bytes came last that no receive
	// has reported; without it every receive reports what comes at once.
	TCPInfo

	// AllAccelerators is the whole set.
	AllAccelerators Accelerators = 1<<iota - 1
)

// acceleratorKeys are in the order of the constants.
var acceleratorKeys = [...]string{
	"ext-arg", "buffer-table", "read-fixed", "readv-fixed", "wait-all", "cancel-bytes", "poll-first", "low-water", "tcp-info",
}

// takes says which accelerators take which others. What stands on something comes
// after that.
var takes = [...]struct{ what, others Accelerators }{
	{LowWater, TCPInfo},
	{PollFirst, LowWater},
	{WaitAll, CancelBytes | TCPInfo},
	{ReadFixed | ReadvFixed, BufferTable},
}

// standing are those of a set that have what they take.
func (a Accelerators) standing() Accelerators {
	for _, t := range takes {
		if a&t.others != t.others {
			a &^= t.what
		}
	}
	return a
}

// WithoutVariable is the environment variable that switches accelerators off for
// every engine, besides what the program says: a list as [ParseAccelerators] takes it.
const WithoutVariable = "RINGREADV_WITHOUT"

func (a Accelerators) String() string {
	var keys []string
	for a &= AllAccelerators; a != 0; a &= a - 1 {
		keys = append(keys, acceleratorKeys[bits.TrailingZeros16(uint16(a))])
	}
	return strings.Join(keys, ",")
}

// ParseAccelerators is the inverse of String; "all" is all of them.
func ParseAccelerators(s string) (Accelerators, error) {
	var set Accelerators
	if s == "" {
		return 0, nil
	}
	for key := range strings.SplitSeq(s, ",") {
		a, err := parseAccelerator(strings.TrimSpace(key))
		if err != nil {
			return 0, err
		}
		set |= a
	}
	return set, nil
}

func parseAccelerator(key string) (Accelerators, error) {
	for i, k := range acceleratorKeys {
		if k == key {
			return 1 << i, nil
		}
	}
	if key == "all" {
		return AllAccelerators, nil
	}
	return 0, fmt.Errorf("transport: no accelerator is called %q (%s, all)", key, strings.Join(acceleratorKeys[:], ", "))
}

// withoutFromEnvironment is what the environment switches off.
func withoutFromEnvironment() (Accelerators, error) {
	a, err := ParseAccelerators(os.Getenv(WithoutVariable))
	if err != nil {
		err = fmt.Errorf("%w: see the environment variable %s", err, WithoutVariable)
	}
	return a, err
}

// Accelerators are those that the engine goes by now: what there is, without what is
// switched off and what the kernel has refused since.
func (e *Engine) Accelerators() Accelerators {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.uses
}

// has reports whether the engine goes by it.
func (e *Engine) has(a Accelerators) bool { return e.uses&a != 0 }
