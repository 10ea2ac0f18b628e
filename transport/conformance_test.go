package transport

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// behaviours are what an engine does, whatever it goes by: tests that count no system
// calls, and short ones. Those that end calls only, or wait, are for every kind of
// engine and not for each accelerator.
var behaviours = []struct {
	name     string
	receives bool
	run      func(*testing.T)
}{
	{"reads in any order", true, func(t *testing.T) { readsInAnyOrder(t, Options{}, 150) }},
	{"registered memory", true, func(t *testing.T) { readsInAnyOrder(t, Options{Plan: PlanExact, FixedBuffers: true}, 150) }},
	{"large reads", true, func(t *testing.T) { largeReads(t, Options{}) }},
	{"large reads into registered memory", true, func(t *testing.T) { largeReads(t, Options{Plan: PlanExact, FixedBuffers: true}) }},
	{"short replies and errors", true, func(t *testing.T) { oddReplies(t, PlanAuto, rand.Uint64(), 8) }},
	{"guesses", false, func(t *testing.T) { oddReplies(t, PlanSpeculative, rand.Uint64(), 8) }},
	{"many slices", true, TestManySlices},
	{"collected bodies", true, TestCollectedBody},
	{"more calls than slots", false, TestMoreCallsThanDepth},
	{"many goroutines", false, TestManyGoroutines},
	{"nobody waits", false, TestNobodyWaits},
	{"waits that are cancelled", false, TestWaitCancelled},
	{"waits until a time", false, TestWaitUntil},
	{"cancel and deadline before the reply", true, TestEndBeforeReply},
	{"deadlines of contexts", false, TestDoDeadlineIsItsOwn},
	{"cancels and deadlines at any moment", true, func(t *testing.T) { manyEnds(t, 4000) }},
	{"late replies", false, TestLateReplyFreesSlot},
	{"room for late replies", false, TestLateReplyKeepsItsRoom},
	{"duplicates", false, TestDuplicateAfterReuse},
	{"unknown XIDs are silence", false, TestChatterIsSilence},
	{"slow replies are none", false, TestSlowReplyIsNoSilence},
	{"silence", false, TestSilentServer},
	{"the server closes", false, TestServerCloses},
	{"the connection ends in a reply", true, TestConnectionEndsWhileReceiving},
	{"calls made again", true, TestResend},
	{"calls made again beside a receive", false, TestResendAfterRetire},
	{"loss without a resender", false, TestLossWithoutResender},
	{"misuse", false, TestMisuse},
	{"close under load", true, func(t *testing.T) { closeAnyTime(t, 1) }},
}

func largeReads(t *testing.T, o Options) {
	e, c := start(t, o, serveReads)
	readLarge(t, e, []*Conn{c}, 4)
}

// way is a kind of engine and what it does without.
type way struct {
	kind    EngineKind
	without Accelerators
	wrap    func(backing) backing
}

func (w way) String() string {
	s := w.kind.String()
	switch {
	case w.without == AllAccelerators:
		s += " without any"
	case w.without != 0:
		s += " without " + w.without.String()
	}
	if w.wrap != nil {
		s += " with whims"
	}
	return s
}

// whole reports whether it is not just one accelerator that is off.
func (w way) whole() bool { return w.without == 0 || w.without == AllAccelerators }

// ways are both kinds of engine with everything and with nothing, io_uring without
// each accelerator, and the fake on both.
func ways() []way {
	whims := withWhims(rand.Uint64())
	list := []way{
		{kind: EngineURing}, {kind: EngineURing, without: AllAccelerators}, {kind: EngineURing, wrap: whims},
		{kind: EnginePoller}, {kind: EnginePoller, without: AllAccelerators}, {kind: EnginePoller, wrap: whims},
	}
	for i := range bits.Len16(uint16(AllAccelerators)) {
		list = append(list, way{kind: EngineURing, without: 1 << i})
	}
	return list
}

// Whatever an engine goes by, it behaves the same. The environment says what that is,
// to all tests that make one. With the race detector four of the ways are taken, where
// all is to be short two.
func TestConformance(t *testing.T) {
	list := ways()
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	switch {
	case raceEnabled:
		list = list[:4]
	case testing.Short():
		list = list[:2]
	}
	for _, w := range list {
		t.Run(w.String(), func(t *testing.T) {
			t.Setenv(EngineVariable, w.kind.String())
			t.Setenv(WithoutVariable, w.without.String())
			wrapRing = w.wrap
			t.Cleanup(func() { wrapRing = nil })
			w.prove(t)
			for _, b := range behaviours {
				if b.receives || w.whole() {
					t.Run(b.name, b.run)
				}
			}
		})
	}
}

// prove fails the test if engines are others than it says.
func (w way) prove(t *testing.T) {
	e := newEngine(t, Options{})
	if _, whims := e.ring.(*whimsical); e.Kind() != w.kind || e.Accelerators()&w.without != 0 || whims != (w.wrap != nil) {
		t.Fatalf("%v is an engine of kind %v that goes by %v", w, e.Kind(), e.Accelerators())
	}
}
