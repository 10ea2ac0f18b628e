package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A guest's output as /init and test binaries write it.
const guestSaid = "boot noise\n" +
	"\x1e{\"Kernel\":\"5.10.0-46-cloud-amd64\",\"Took\":0}\n\n" +
	"\x1e{\"Begin\":\"ring\",\"Took\":0}\n" +
	"\x16=== RUN   TestGood\n\x16--- PASS: TestGood (0.10s)\n" +
	"\x16=== RUN   TestBad\n\x16=== RUN   TestBad/part\n    bad_test.go:7: broken\n" +
	"\x16--- FAIL: TestBad/part (0.10s)\n\x16=== NAME  TestBad\n\x16--- FAIL: TestBad (0.10s)\n" +
	"\x16=== RUN   TestOld\n    old_test.go:7: skip[kernel]: since 5.19: not there\n\x16--- SKIP: TestOld (0.00s)\n" +
	"\x16=== RUN   TestShy\n    shy_test.go:7: not today\n\x16--- SKIP: TestShy (0.00s)\n" +
	"\x16=== NAME  \nFAIL\n\n" +
	"\x1e{\"End\":\"ring\",\"Error\":\"exit status 1\",\"Took\":2000000000,\"Dmesg\":\"<4>[    1.5] WARNING: CPU: 0\\n<6>[    2.0] fine\\n\"}\n\n" +
	"\x1e{\"Begin\":\"transport\",\"Took\":0}\n" +
	"\x16=== RUN   TestHangs\n"

func TestJudge(t *testing.T) {
	s, err := takeApart([]byte(guestSaid))
	if err != nil || s.release != "5.10.0-46-cloud-amd64" {
		t.Fatalf("release %q, %v", s.release, err)
	}
	r, err := judge(t.Context(), suite{}, s.jobs["ring"], false)
	if err != nil {
		t.Fatal(err)
	}
	if r.passed != 1 || r.failed != 1 || r.took != 2*time.Second {
		t.Errorf("%d passed, %d failed in %v", r.passed, r.failed, r.took)
	}
	wantSkips := []skipped{{"TestOld", "skip[kernel]: since 5.19: not there"}, {"TestShy", ""}}
	if diff := cmp.Diff(wantSkips, r.skips, cmp.AllowUnexported(skipped{})); diff != "" {
		t.Error(diff)
	}
	wrong := strings.Join(r.wrong, "\n")
	for _, want := range []string{"exit status 1", "bad_test.go:7: broken", "TestShy was skipped without a reason"} {
		if !strings.Contains(wrong, want) {
			t.Errorf("%q is not among what is wrong:\n%s", want, wrong)
		}
	}
	if strings.Contains(wrong, "TestOld") || strings.Contains(wrong, "TestGood") {
		t.Errorf("wrong: %s", wrong)
	}
	if diff := cmp.Diff([]string{"WARNING: CPU: 0"}, complaints(s.dmesg, "[    1.5] WARNING: CPU: 0\n")); diff != "" {
		t.Error(diff)
	}
}

// What did not end, never began or ran nothing is no success.
func TestJudgeOfNothing(t *testing.T) {
	s, err := takeApart([]byte(guestSaid))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]*jobOutput{
		"cut off": s.jobs["transport"], "never begun": s.jobs["readv"],
		"nothing run": {ended: true, text: []byte("PASS\n")}, "killed": {ended: true, err: "signal: killed"},
	} {
		if r, err := judge(t.Context(), suite{}, o, false); err != nil || len(r.wrong) == 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Where io_uring is disabled for it, a test that is skipped has not shown anything.
func TestJudgeWhereDisabled(t *testing.T) {
	o := &jobOutput{ended: true, text: []byte("\x16=== RUN   TestA\n\x16--- PASS: TestA (0.00s)\n" +
		"\x16=== RUN   TestB\n    b_test.go:7: skip[run]: it is not disabled\n\x16--- SKIP: TestB (0.00s)\n\x16=== NAME  \nPASS\n")}
	for disabled, want := range map[string]int{"": 0, "2": 1} {
		if r, err := judge(t.Context(), suite{disabled: disabled}, o, false); err != nil || len(r.wrong) != want || r.passed != 1 {
			t.Errorf("%q: %+v, %v", disabled, r, err)
		}
	}
	r, err := judge(t.Context(), suite{disabled: "2"}, &jobOutput{ended: true, lacks: "the sysctl"}, false)
	if err != nil || len(r.wrong) > 0 || r.lacks == "" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A test that every kernel lacks something for is run nowhere.
func TestOnNoKernel(t *testing.T) {
	lacks := skipped{"TestOld", "skip[kernel]: since 99.1: not there"}
	on := func(skips ...skipped) *result {
		return &result{suites: []*suiteResult{{skips: skips}}}
	}
	if diff := cmp.Diff([]string{"ring: TestOld"}, onNoKernel([]*result{on(lacks), on(lacks)})); diff != "" {
		t.Error(diff)
	}
	for _, results := range [][]*result{
		{on(lacks), on()}, {on(lacks)}, {on(skipped{"TestShort", "skip[short]: long"}), on(skipped{"TestShort", "skip[short]: long"})},
	} {
		if got := onNoKernel(results); len(got) > 0 {
			t.Error("run nowhere:", got)
		}
	}
}
