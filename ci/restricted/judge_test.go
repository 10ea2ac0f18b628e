//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	const (
		proved = "=== RUN   TestRestriction\n--- PASS: TestRestriction (0.01s)\n"
		typed  = "=== RUN   TestX\n    x_test.go:7: skip[machine]: one CPU\n--- SKIP: TestX (0.00s)\n"
		plain  = "=== RUN   TestX\n    x_test.go:7: not today\n--- SKIP: TestX (0.00s)\n"
	)
	for _, c := range []struct {
		name, out  string
		wantsProof bool
		want       string
	}{
		{"all well", proved + typed + "PASS\n", true, ""},
		{"no proof asked for", "PASS\n", false, ""},
		{"no test ran", "testing: warning: no tests to run\nPASS\n", true, "in force"},
		{"the proof was skipped", strings.ReplaceAll(typed, "TestX", "TestRestriction"), true, "in force"},
		{"another's proof", "--- PASS: TestRestrictionOfOthers (0.01s)\n", true, "in force"},
		{"skipped without a reason", proved + plain, true, "1 tests skipped, and 0 reasons"},
		{"one of two without", proved + typed + plain, true, "2 tests skipped, and 1 reasons"},
		{"a part of a test", proved + "    --- SKIP: TestX/part (0.00s)\n", true, "1 tests skipped"},
	} {
		got := ""
		if err := judge([]byte(c.out), c.wantsProof); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got, want := string(results([]byte(proved+typed+"PASS\n"))), "--- PASS: TestRestriction (0.01s)\n"+
		"    x_test.go:7: skip[machine]: one CPU\n--- SKIP: TestX (0.00s)\nPASS\n"; got != want {
		t.Errorf("shown: %q", got)
	}
}
