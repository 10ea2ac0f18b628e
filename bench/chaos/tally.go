package chaos

import (
	"fmt"
	"sync"

	"github.com/ringreadv/ringreadv/transport"
)

// breach is something that must not happen.
type breach int

const (
	wrongBytes breach = iota
	outsideWrites
	lateWrites
	hungCalls
	untypedErrors
	lostReads // failed with a connection though they could have been made again
	unreportedCalls
	leftGoroutines
	leftDescriptors
	leftRegions

	breaches
)

var breachNames = [breaches]string{
	"wrong bytes", "written outside the slices", "written after the report", "hung",
	"errors of unknown type", "given up with a connection",
	"accepted and not reported", "goroutines left", "descriptors left", "registered regions left",
}

// tally counts what happens in a leg. Its methods may be called from many
// goroutines.
type tally struct {
	mu         sync.Mutex
	reads      uint64
	verified   uint64
	bytes      uint64
	failed     map[string]uint64 // reads, by kind
	calls      uint64            // other than reads
	callFailed map[string]uint64 // by what was called, and kind
	volumes    uint64
	broken     [breaches]uint64
	complaints []string
	stacks     []byte
	stats      transport.Stats
}

// maxComplaints is how many are kept: the first ones tell what is wrong.
const maxComplaints = 20

func newTally() *tally {
	return &tally{failed: make(map[string]uint64), callFailed: make(map[string]uint64)}
}

// complain counts what must not be and keeps what is said about it.
func (t *tally) complain(b breach, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken[b]++
	if len(t.complaints) < maxComplaints {
		t.complaints = append(t.complaints, breachNames[b]+": "+fmt.Sprintf(format, args...))
	}
}

// right counts a read that brought what it should.
func (t *tally) right(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads++
	t.verified++
	t.bytes += uint64(n)
}

// wrong counts a read that did not, and said nothing.
func (t *tally) wrong(format string, args ...any) {
	t.mu.Lock()
	t.reads++
	t.mu.Unlock()
	t.complain(wrongBytes, format, args...)
}

// fail counts a read that ended with an error.
func (t *tally) fail(err error, fast bool) {
	kind := kindOfRead(err, fast)
	t.mu.Lock()
	t.reads++
	t.failed[kind]++
	t.mu.Unlock()
	switch kind {
	case failUntyped:
		t.complain(untypedErrors, "%T: %v", err, err)
	case failLost:
		t.complain(lostReads, "%v", err)
	}
}

// called counts a call that is no read.
func (t *tally) called(what string, err error) {
	t.mu.Lock()
	t.calls++
	t.mu.Unlock()
	if err == nil {
		return
	}
	kind := kindOf(err)
	t.mu.Lock()
	t.callFailed[what+", "+kind]++
	t.mu.Unlock()
	if kind == failUntyped {
		t.complain(untypedErrors, "%s: %T: %v", what, err, err)
	}
}

// closed adds what a volume has counted, all of whose reads have been handed back.
func (t *tally) closed(s transport.Stats) {
	if s.Accepted != s.Reported || s.InFlight != 0 {
		t.complain(unreportedCalls, "%d accepted, %d reported, %d in flight", s.Accepted, s.Reported, s.InFlight)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.volumes++
	t.stats.LateReplies += s.LateReplies
	t.stats.UnknownReplies += s.UnknownReplies
	t.stats.OutOfOrder += s.OutOfOrder
	t.stats.WrongGuesses += s.WrongGuesses
	t.stats.LostConns += s.LostConns
	t.stats.Reconnects += s.Reconnects
	t.stats.Resends += s.Resends
	t.stats.Pings += s.Pings
}

// seen is how many reads there were so far.
func (t *tally) seen() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reads
}

// leave counts what is still there in the end.
func (t *tally) leave(b breach, n int) {
	t.complain(b, "%d", n)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken[b] += uint64(n) - 1
	t.noteStacks(stacks())
}

// noteStacks keeps the first ones.
func (t *tally) noteStacks(stacks []byte) {
	if t.stacks == nil {
		t.stacks = stacks
	}
}
