//go:build linux

package seccomp

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A rule refuses what it names and nothing else, on every thread.
func TestRefuse(t *testing.T) {
	if !InChild(t) {
		return
	}
	const flag = 1 << 3
	Refuse(t, unix.EXDEV, Rule{Call: unix.SYS_GETSOCKOPT, Args: []Arg{Is(1, unix.SOL_SOCKET), Is(2, unix.SO_TYPE)}},
		Rule{Call: unix.SYS_DUP3, Args: []Arg{Has(2, flag)}}, Rule{Call: unix.SYS_SCHED_YIELD})
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	option := func(level, name int) error { _, err := unix.GetsockoptInt(s, level, name); return err }
	other := make(chan error)
	go func() { other <- option(unix.SOL_SOCKET, unix.SO_TYPE) }()
	dup := func(flags int) error { return unix.Dup3(s, s, flags) } // of itself: always EINVAL
	_, _, yield := unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	for _, c := range []struct {
		what      string
		got, want error
	}{
		{"all arguments fit", option(unix.SOL_SOCKET, unix.SO_TYPE), unix.EXDEV},
		{"on another goroutine", <-other, unix.EXDEV},
		{"the second does not fit", option(unix.SOL_SOCKET, unix.SO_DOMAIN), nil},
		{"the flag among others", dup(flag | 1), unix.EXDEV},
		{"another flag", dup(1), unix.EINVAL},
		{"without arguments", yield, unix.EXDEV},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}
