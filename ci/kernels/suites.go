package main

import (
	"path"
	"strings"
	"time"
)

// suite is a package whose tests run in the guests, where code takes ten to
// twenty times as long: so -test.short is on.
type suite struct {
	folder string
	engine string // RINGREADV_ENGINE; empty: what the library chooses, io_uring
	// only are the tests to run, if not all; leave are those that find the same
	// on every kernel and take too long there, or need what is not there. Both
	// are beginnings of names.
	only, leave []string
	// disabled is kernel.io_uring_disabled meanwhile, and user who runs them.
	// The kernels of before 6.6 do not have it.
	disabled string
	user     uint32
	limit    time.Duration
}

const (
	poller       = "poller"
	uring        = "uring"
	unprivileged = 65534
)

var suites = []suite{
	{folder: "ring", limit: 2 * time.Minute},
	{folder: "ring/poll", limit: time.Minute},
	{folder: "transport", engine: uring, limit: 4 * time.Minute, leave: []string{
		// Pure code, and much of it.
		"TestReceiver", "FuzzReceiver", "TestPlansCopyNothing", "TestLentIsLikeANaiveList", "TestMillionsOfUnknownXIDs",
		// It has suites of its own.
		"TestRestriction",
		// Its seeds are captures, which are another package's.
		"FuzzConn",
		// Long: TestReadsInAnyOrder stays, which goes the same ways.
		"TestEndsUnderLoad", "TestProcs", "TestAutoCopiesLittle", "TestGuessesAmongOddReplies", "TestReadsAllocateNothing",
		"TestHostile$", "TestHostileMemory",
		// They measure times, or what depends on how fast the server is.
		"TestCollectionsNotHeldUp", "TestGather$", "TestCallLeavesBesideADriver",
	}},
	{folder: "transport", engine: poller, limit: 2 * time.Minute, only: []string{
		"TestEngineIsChosen", "TestReadsInAnyOrder", "TestManySlices", "TestDeadlinesInTurn", "TestSilentServer", "TestEndWhileGuessed",
		"TestGuessedCallsAreReported", "TestEndBeforeReply", "TestLateReplyFreesSlot", "TestResend", "TestServerCloses", "TestCloseAnyTime",
	}},
	{folder: "readv", engine: uring, limit: 3 * time.Minute, leave: []string{
		// It has suites of its own.
		"TestRestriction",
		// Other servers, and files of theirs.
		"TestReal", "Fuzz",
		// Deadlines that a guest is too slow for.
		"TestHostileReplies",
		// Long.
		"TestWithThreeRings", "TestEndlessListing", "TestSoak", "TestNFSFragments$",
	}},
	{folder: "readv", engine: poller, limit: 2 * time.Minute, only: []string{
		"TestShortReplies", "TestBadReplies", "TestCancelOfAShortRead", "TestLoanLastsUntilHandedBack", "TestReadsOutliveConnections",
		"TestDeadlineDuringOutage", "TestNFSFragmentedRandomReads", "TestNFSBadReplies",
	}},
	{folder: "transport", disabled: "1", user: unprivileged, limit: time.Minute, only: []string{"TestRestriction", "TestOneRead"}},
	{folder: "transport", disabled: "2", limit: time.Minute, only: []string{"TestRestriction", "TestOneRead"}},
	{folder: "readv", disabled: "1", user: unprivileged, limit: time.Minute, only: []string{"TestRestriction", "TestShortReplies"}},
	{folder: "readv", disabled: "2", limit: time.Minute, only: []string{"TestRestriction", "TestShortReplies"}},
}

// name tells what runs, and where.
func (s suite) name() string {
	switch {
	case s.disabled != "":
		return s.folder + ", " + disabledName(s.disabled, s.user)
	case s.engine != "":
		return s.folder + ", " + engineName(s.engine)
	}
	return s.folder
}

// engineName is what people call an engine.
func engineName(engine string) string {
	if engine == uring {
		return "io_uring"
	}
	return engine
}

func disabledName(value string, user uint32) string {
	who := "root"
	if user != 0 {
		who = "user"
	}
	return "io_uring_disabled=" + value + " for " + who
}

// program is where the tests are in the guest.
func (s suite) program() string { return "/bin/" + path.Base(s.folder) + ".test" }

// oneOf is a pattern for names that begin with one of these.
func oneOf(names []string) string { return "^(" + strings.Join(names, "|") + ")" }
