//go:build linux

package seccomp

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// variable says to a child which test it is there for.
const variable = "RINGREADV_TEST_CHILD"

// InChild reports whether this process is there for this test alone. If it is not, the
// test, or subtest, is run in one that is, with these variables in its environment,
// and fails or is skipped if it is there.
func InChild(t *testing.T, environment ...string) bool {
	t.Helper()
	if os.Getenv(variable) == t.Name() {
		return true
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	only := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	child := exec.Command(exe, "-test.run="+only, "-test.v", "-test.timeout=60s")
	// With the race detector a process sleeps for a second before it exits.
	child.Env = append(append(os.Environ(), variable+"="+t.Name(), "GORACE=atexit_sleep_ms=0"), environment...)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
		return false
	}
	skip.Again(t, string(out))
	if !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the test did not run in a process of its own:\n%s", out)
	}
	return false
}
