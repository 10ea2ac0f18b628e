package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSheet(t *testing.T) {
	s := well()
	ran := &result{kernel: kernel{wanted: wanted{"6.12", "trixie-security", false}, version: "6.12.117-1", image: "x"}, release: s.release, took: time.Minute}
	ran.judgeBench(s)
	for range suites {
		ran.suites = append(ran.suites, &suiteResult{passed: 3})
	}
	ran.suites[0].skips = []skipped{{"TestOld", "skip[kernel]: since 7.2"}, {"TestLong", "skip[short]: long"}}
	ran.suites[1].lacks = "the sysctl"
	ran.suites[2].failed, ran.suites[2].wrong = 1, []string{"TestBad"}
	missing := &result{kernel: kernel{wanted: wanted{series: "5.10", suite: "bullseye-security"}}}
	var b strings.Builder
	if err := sheetOf([]*result{missing, ran}).markdown(&b); err != nil {
		t.Fatal(err)
	}
	found := strings.Split(b.String(), "\n")
	for i, want := range []string{
		"|  | 5.10 | 6.12.117-1 |", "|---|---|---|", "| suite of Debian's | bullseye-security | trixie-security |", "| result | NOT RUN | FAILED |",
		"| ring |  | 3 ok, 1 skipped (kernel), 1 skipped (short) |", "| ring/poll |  | – |", "| transport, io_uring |  | 3 ok 1 FAILED |",
	} {
		if diff := cmp.Diff(want, found[i]); diff != "" {
			t.Error(diff)
		}
	}
	for _, want := range []string{
		"| plan, poller, 4 KiB |  | staged |", "| one file, the same bytes |  | 6 of 6 ways |", "| io_uring |  | yes, used |",
		"| RECV into a registered buffer |  | no |", "| kernel warnings |  | 0 |",
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("no line is %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "took") {
		t.Error("times are among what is kept")
	}
}

// A kernel that is missing is a failure unless that is allowed, and never a run.
func TestAllGood(t *testing.T) {
	good, missing := &result{kernel: kernel{image: "x"}}, &result{}
	bad := &result{kernel: kernel{image: "x"}, suites: []*suiteResult{{}, {wrong: []string{"TestBad"}}}}
	warned := &result{kernel: kernel{image: "x"}, warnings: []string{"WARNING:"}}
	for _, c := range []struct {
		results         []*result
		strict, allowed bool
	}{
		{[]*result{good, good}, true, true},
		{[]*result{good, missing}, false, true},
		{[]*result{missing, good}, false, true},
		{[]*result{missing}, false, false},
		{[]*result{bad, good}, false, false},
		{[]*result{good, warned}, false, false},
	} {
		if strict, allowed := allGood(c.results, false), allGood(c.results, true); strict != c.strict || allowed != c.allowed {
			t.Errorf("%v: %v, with what is missing allowed %v", c, strict, allowed)
		}
	}
}
