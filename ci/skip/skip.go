// Package skip ends tests that cannot run here, for a reason that has a kind. A
// test that is skipped in any other way counts as failed in ci/kernels, which
// also lists all reasons.
package skip

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"
)

// Kind says what a test is missing.
type Kind string

const (
	kernel    Kind = "kernel"    // the running kernel lacks something
	forbidden Kind = "forbidden" // io_uring may not be used here

	// Machine is another program, a second CPU, a free port.
	Machine Kind = "machine"
	// Build is what the test binary was built with, as the race detector.
	Build Kind = "build"
	// Short: the test takes long, and -test.short was asked for.
	Short Kind = "short"
	// Run is a run of another kind than this one.
	Run Kind = "run"
)

// RequireRingEnv names the environment variable that turns a forbidden io_uring
// from a skip into a failure when it is set to 1.
const RequireRingEnv = "RINGREADV_REQUIRE_RING"

// For ends the test for a reason that neither kernel nor permissions are.
func For(t testing.TB, k Kind, why any) {
	t.Helper()
	t.Skipf("skip[%s]: %v", k, why)
}

// Kernel ends the test because the running kernel lacks what Linux has had since
// this release ("5.19"). A kernel that is new enough fails the test: then the
// probe is wrong, or the library.
func Kernel(t testing.TB, since string, why any) {
	t.Helper()
	release, err := running()
	if err != nil {
		t.Fatal(err)
	}
	if has, err := reaches(release, since); err != nil {
		t.Fatal(err)
	} else if has {
		t.Fatalf("kernel %s is as new as %s, and yet: %v", release, since, why)
	}
	t.Skipf("skip[%s]: since %s: %v", kernel, since, why)
}

// Forbidden ends the test because io_uring may not be used here.
func Forbidden(t testing.TB, why error) {
	t.Helper()
	if os.Getenv(RequireRingEnv) == "1" {
		t.Fatalf("%s=1: %v", RequireRingEnv, why)
	}
	t.Skipf("skip[%s]: %v", forbidden, why)
}

var reason = regexp.MustCompile(`skip\[(kernel|forbidden|machine|build|short|run)\]: .*`)

// Find gives the reason in what a skipped test printed.
func Find(output string) (why string, found bool) {
	why = reason.FindString(output)
	return why, why != ""
}

// Again ends the test if another process, that ran it, has printed a reason to skip.
func Again(t testing.TB, output string) {
	t.Helper()
	if why, found := Find(output); found {
		t.Skipf("%s", why)
	}
}

func running() (string, error) {
	var name unix.Utsname
	err := unix.Uname(&name)
	return unix.ByteSliceToString(name.Release[:]), err
}

// reaches compares the first two numbers of a release with those of since.
func reaches(release, since string) (bool, error) {
	var has, needs [2]int
	if _, err := fmt.Sscanf(release, "%d.%d", &has[0], &has[1]); err != nil {
		return false, fmt.Errorf("kernel release %q: %w", release, err)
	}
	if _, err := fmt.Sscanf(since, "%d.%d", &needs[0], &needs[1]); err != nil {
		return false, fmt.Errorf("first kernel %q: %w", since, err)
	}
	return has[0] > needs[0] || has[0] == needs[0] && has[1] >= needs[1], nil
}
