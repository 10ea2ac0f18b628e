package main

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// suite is a package whose tests run in the guests, where code takes ten to
// twenty times as long: leave names the tests that take too long there or need
// what is not there, and that find the same on every kernel.
type suite struct {
	folder, leave string
	limit         time.Duration
}

var suites = []suite{
	{folder: "ring", limit: 2 * time.Minute},
	{folder: "transport", limit: 4 * time.Minute, leave: oneOf(
		// Pure code, and much of it.
		"TestReceiver", "FuzzReceiver", "TestLentIsLikeANaiveList", "TestMillionsOfUnknownXIDs",
		// Long: TestReadsInAnyOrder stays, which goes the same ways.
		"TestEndsUnderLoad", "TestProcs", "TestAutoCopiesLittle", "TestGuessesAmongOddReplies", "TestReadsAllocateNothing",
		// Bounds and deadlines that a guest is too slow for.
		"TestCancelAndTheEndInOneReceive", "TestCollections", "TestEndWhileReceiving", "TestGather", "TestHostile", "TestNobodyWaits",
		"TestSilence", "TestSlow", "TestStates",
	)},
	{folder: "readv", limit: 3 * time.Minute, leave: oneOf(
		// Other servers, and files of theirs.
		"TestReal", "Fuzz",
		// Deadlines that a guest is too slow for.
		"TestHostileReplies",
		// Long.
		"TestWithThreeRings", "TestEndlessListing", "TestSoak", "TestNFSFragments$",
	)},
}

// oneOf is a pattern for names that begin with one of these.
func oneOf(names ...string) string { return "^(" + strings.Join(names, "|") + ")" }

// environment is what all programs get. In a guest nothing forbids io_uring.
var environment = []string{"HOME=/tmp", "PATH=/bin", skip.RequireRingEnv + "=1"}

const (
	benchProgram = "/bin/uringbench"
	jobProbe     = "probe"
	jobRun       = "run"
)

// jobs is what each guest does. Without a pattern for -test.run all tests run but
// those to leave.
func jobs(pattern string, count int) []talk.Job {
	list := []talk.Job{{
		Name: jobProbe, Program: benchProgram, Args: []string{"probe", "--json"},
		Env: environment, Dir: "/tmp", Limit: time.Minute,
	}, {
		Name: jobRun, Program: benchProgram,
		Args: []string{
			"run", "--bs=4k,128k", "--depth=16", "--files=1", "--size=8m", "--placement=direct",
			"--time=1s", "--repeat=1", "--verify", "--quiet", "--json=-",
		},
		Env: environment, Dir: "/tmp", Limit: 2 * time.Minute,
	}}
	for _, s := range suites {
		args := []string{
			"-test.v=test2json", "-test.short", "-test.shuffle=on", "-test.count=" + strconv.Itoa(count),
			// Before the job's own limit, with all stacks.
			"-test.timeout=" + (s.limit - 20*time.Second).String(),
		}
		if pattern != "" {
			args = append(args, "-test.run="+pattern)
		} else if s.leave != "" {
			args = append(args, "-test.skip="+s.leave)
		}
		list = append(list, talk.Job{
			Name: s.folder, Program: testProgram(s.folder), Args: args,
			Env: environment, Dir: path.Join("/src", s.folder), Limit: s.limit,
		})
	}
	return list
}

// testProgram is where a package's tests are in the guest.
func testProgram(folder string) string { return "/bin/" + path.Base(folder) + ".test" }
