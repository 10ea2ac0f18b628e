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
		"|  | 5.10 | 6.12.117-1 |", "|---|---|---|", "| of Debian's | bullseye-security | trixie-security |", "| result | NOT RUN | FAILED |",
		"| ring |  | 3 ok, 1 skipped (kernel), 1 skipped (short) |", "| ring/poll |  | – |", "| transport, uring |  | 3 ok 1 FAILED |",
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
