package skip

import (
	"errors"
	"fmt"
	"testing"
)

func TestReaches(t *testing.T) {
	for _, c := range []struct {
		release, since string
		want           bool
	}{
		{"5.10.0-46-cloud-amd64", "5.11", false},
		{"5.10.0-46-cloud-amd64", "5.10", true},
		{"6.1.0-56-cloud-amd64", "5.19", true},
		{"6.1.0-56-cloud-amd64", "6.12", false},
		{"6.12.117+deb13-cloud-amd64", "6.2", true},
		{"7.3", "6.15", true},
	} {
		if got, err := reaches(c.release, c.since); err != nil || got != c.want {
			t.Errorf("%s has what came with %s: %v, %v", c.release, c.since, got, err)
		}
	}
	for _, c := range [][2]string{{"next", "6.1"}, {"6.1", "soon"}} {
		if _, err := reaches(c[0], c[1]); err == nil {
			t.Errorf("%q against %q is no error", c[0], c[1])
		}
	}
}

// recorder is a test that notes how it ends.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper()                       {}
func (r *recorder) Skipf(format string, a ...any) { r.skipped = fmt.Sprintf(format, a...) }
func (r *recorder) Fatalf(format string, a ...any) {
	r.failed = fmt.Sprintf(format, a...)
	panic(r) // the real one does not return
}

func ended(f func(testing.TB)) (r recorder) {
	defer func() { recover() }()
	f(&r)
	return r
}

func TestReasonsAreFound(t *testing.T) {
	t.Setenv(RequireRingEnv, "")
	why := errors.New("the reason")
	for want, f := range map[string]func(testing.TB){
		"skip[kernel]: since 99.1: the reason": func(t testing.TB) { Kernel(t, "99.1", why) },
		"skip[forbidden]: the reason":          func(t testing.TB) { Forbidden(t, why) },
		"skip[machine]: the reason":            func(t testing.TB) { For(t, Machine, why) },
		"skip[build]: the reason":              func(t testing.TB) { For(t, Build, why) },
		"skip[short]: the reason":              func(t testing.TB) { For(t, Short, why) },
		"skip[run]: the reason":                func(t testing.TB) { For(t, Run, why) },
	} {
		r := ended(f)
		if got, found := Find("=== RUN X\n    x_test.go:1: " + r.skipped + "\n--- SKIP: X\n"); got != want || !found || r.failed != "" {
			t.Errorf("skipped with %q, found %q, failed with %q, want %q", r.skipped, got, r.failed, want)
		}
	}
	if got, found := Find("    x_test.go:1: it does not suit\n"); found {
		t.Errorf("found %q", got)
	}
}

// A kernel that has it, or that forbids nothing, fails the test instead.
func TestSkipsThatAreFailures(t *testing.T) {
	t.Setenv(RequireRingEnv, "1")
	for _, f := range []func(testing.TB){
		func(t testing.TB) { Kernel(t, "5.1", "not there") },
		func(t testing.TB) { Forbidden(t, errors.New("not there")) },
	} {
		if r := ended(f); r.failed == "" || r.skipped != "" {
			t.Errorf("skipped with %q, failed with %q", r.skipped, r.failed)
		}
	}
}
