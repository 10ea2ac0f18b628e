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
	r, err := judge(t.Context(), s.jobs["ring"], false)
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
		if r, err := judge(t.Context(), o, false); err != nil || len(r.wrong) == 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A test that every kernel lacks something for is run nowhere.
func TestOnNoKernel(t *testing.T) {
	lacks := skipped{"TestOld", "skip[kernel]: since 99.1: not there"}
	on := func(skips ...skipped) *result {
		return &result{suites: map[string]*suiteResult{"ring": {skips: skips}}}
	}
	if diff := cmp.Diff([]string{"ring TestOld"}, onNoKernel([]*result{on(lacks), on(lacks)})); diff != "" {
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
