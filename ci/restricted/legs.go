//go:build linux

package main

import (
	"math/rand/v2"
	"runtime"
	"strings"

	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
	"golang.org/x/sys/unix"
)

// leg is tests of packages in processes that are restricted.
type leg struct {
	name     string
	packages []tests
	restriction.Restriction
	engine string // what the environment has the library choose; "": nothing
	leave  string // tests that are about what is forbidden
}

// tests are those of a package whose names match, or all.
type tests struct{ folder, run string }

// proof is the test that finds the restriction in force.
const proof = "TestRestriction"

// chosen are reads in any order and shape, ends of all kinds, and connections that
// are lost, of which a restricted process might make something else; short tests,
// without bounds that a busy machine breaks.
var chosen = []tests{
	{"transport", oneOf(
		proof, "TestOneRead", "TestManyGoroutines", "TestMoreCallsThanDepth", "TestManySlices", "TestZeroCopyUnderPlanExact",
		"TestServerCloses", "TestSilentServer", "TestEndWhileReceiving", "TestConnectionEndsWhileReceiving",
		"TestEndBeforeReply", "TestWaitCancelled", "TestDriverHandsOver",
		"TestResend", "TestCancelBetweenLossAndItsReceive", "TestAimedCallGoesElsewhere", "TestMisuse",
	)},
	{"readv", oneOf(
		proof, "TestRandomReadsOnAllRings", "TestShortReplies", "TestNFSSplitsLargeReads", "TestClosedFile",
		"TestCancellingDoesNotEndTheConnection", "TestCancelOfAShortRead", "TestLoanLastsUntilHandedBack",
		"TestReadsOutliveConnections", "TestReadsGoByOtherConnections", "TestCloseDuringOutage", "TestHalfOpenConnection",
		"TestBlockingReadsOnRings",
	)},
}

// in32Bits are besides the packages in which the size of a word counts.
var in32Bits = append([]tests{{"xdrwire", ""}, {"xdrwire/gfs", ""}, {"ring", ""}, {"ring/poll", ""}}, chosen...)

// registering are tests that register memory and are about that.
var registering = oneOf("TestZeroCopyUnderPlanExact", "TestManySlices", "TestEndWhileReceiving")

func oneOf(names ...string) string { return "^(" + strings.Join(names, "|") + ")$" }

// Words of the library's errors.
const (
	bySeccomp = "seccomp"
	byMemlock = "RLIMIT_MEMLOCK"
)

// legs lists them all. charged says whether this kernel counts rings against
// RLIMIT_MEMLOCK, as Linux 6.16 to 7.1 do.
func legs(charged bool) []leg {
	refused := func(errno unix.Errno) restriction.Restriction {
		return restriction.Restriction{Refuse: errno, Engine: "poller", Ring: bySeccomp}
	}
	memlock := restriction.Restriction{Engine: "uring", Register: byMemlock}
	none := memlock
	if charged {
		none = restriction.Restriction{Engine: "poller", Ring: byMemlock}
	}
	memlock.MemlockBytes = 64 << 10
	list := []leg{
		{name: "seccomp answers EPERM", Restriction: refused(unix.EPERM)},
		{name: "seccomp answers ENOSYS", Restriction: refused(unix.ENOSYS)},
		{name: "RLIMIT_MEMLOCK 0", Restriction: none},
		{name: "RLIMIT_MEMLOCK 64 KiB", Restriction: memlock},
		{name: "GOMAXPROCS=1", Restriction: restriction.Restriction{Procs: 1, Engine: "uring"}},
		{name: "GOMAXPROCS=1, poller", Restriction: restriction.Restriction{Procs: 1, Engine: "poller"}, engine: "poller"},
		{name: "poller", Restriction: restriction.Restriction{Engine: "poller"}, engine: "poller"},
	}
	for i := range list {
		list[i].packages = chosen
		if list[i].Register != "" {
			list[i].leave = registering
		}
	}
	if runtime.GOARCH == "amd64" {
		list = append(list, leg{name: "GOARCH=386", packages: in32Bits, Restriction: restriction.Restriction{Arch: "386", Engine: "uring"}})
	}
	return list
}

// anybody is a user whom nothing is charged to: what the last process of one used is
// uncharged only some time after its end.
func anybody() int { return 1<<20 + rand.IntN(1<<30) }
