//go:build linux

package ring

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	iouring "github.com/iceber/iouring-go/syscall"
	"github.com/ringreadv/ringreadv/ci/seccomp"
	"github.com/ringreadv/ringreadv/ci/skip"
	"golang.org/x/sys/unix"
)

// Filters refuse single system calls of io_uring, or single uses of them. Whatever
// is missing then is forbidden, and says by which call; the rest is there.
func TestSingleCallsRefused(t *testing.T) {
	registering := func(what uint8) seccomp.Rule {
		return seccomp.Rule{Call: seccomp.Register.Call, Args: []seccomp.Arg{seccomp.Is(1, uint32(what))}}
	}
	table := []string{"buffer-table", "read-fixed", "readv-fixed", "recv-fixed"}
	bounded := seccomp.Rule{Call: seccomp.Enter.Call, Args: []seccomp.Arg{seccomp.Has(3, enterExtArg)}}
	for _, c := range []struct {
		name  string
		rules []seccomp.Rule
		says  string
		lost  []string // keys of what is forbidden; nil for everything
	}{
		{"setup", []seccomp.Rule{seccomp.Setup}, "seccomp", nil},
		{"enter", []seccomp.Rule{seccomp.Enter}, "io_uring_enter", nil},
		{"register", []seccomp.Rule{seccomp.Register}, "io_uring_register", nil},
		{"a table", []seccomp.Rule{registering(registerBuffers2), registering(iouring.IORING_REGISTER_BUFFERS)}, "io_uring_register", table},
		{"registering buffers", []seccomp.Rule{registering(registerBuffersUpdate)}, "io_uring_register", table},
		{"bounded waits", []seccomp.Rule{bounded}, "io_uring_enter", []string{"ext-arg"}},
	} {
		errnos := []unix.Errno{unix.EPERM, unix.ENOSYS, unix.EACCES}
		if testing.Short() {
			errnos = errnos[rand.IntN(len(errnos)):][:1]
		}
		for _, errno := range errnos {
			t.Run(c.name+" "+unix.ErrnoName(errno), func(t *testing.T) { singleCallRefused(t, c.rules, errno, c.says, c.lost) })
		}
	}
}

func singleCallRefused(t *testing.T, rules []seccomp.Rule, errno unix.Errno, says string, lost []string) {
	if !seccomp.InChild(t) {
		return
	}
	if here := probe(); here.Ring.Answer == Forbidden {
		skip.Forbidden(t, here.Ring.Err)
	}
	seccomp.Refuse(t, errno, rules...)
	refused := func(f Feature) bool {
		var forbidden *ForbiddenError
		return f.Answer == Forbidden && errors.As(f.Err, &forbidden) && errors.Is(f.Err, errno) && strings.Contains(forbidden.Cause, says)
	}
	got := Probe()
	for _, f := range got.All() {
		want := lost == nil || strings.Contains(strings.Join(lost, " "), f.Key)
		if refused(f) != want {
			t.Errorf("with %v: %v", errno, f)
		}
	}
	r, err := New(Options{})
	switch {
	case lost != nil:
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	case err == nil:
		t.Error("a ring was made")
	}
}
