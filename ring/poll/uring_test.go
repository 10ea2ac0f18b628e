//go:build linux

package poll_test

import (
	"errors"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

const noSignal = unix.MSG_NOSIGNAL

// onURing runs the test on an io_uring, or skips where that is forbidden.
func onURing(t *testing.T, test func(rig)) {
	r, err := ring.New(ring.Options{Entries: 8})
	var forbidden *ring.ForbiddenError
	if errors.As(err, &forbidden) {
		skip.Forbidden(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := ring.Probe()
	var sockets []int
	b := rig{t, r, func(fd int) error { sockets = append(sockets, fd); return nil }, unix.Close, f.CancelKeepsBytes.Err, f.BoundedWait.Err}
	t.Cleanup(func() {
		for _, fd := range sockets {
			unix.Shutdown(fd, unix.SHUT_RDWR)
		}
		b.close()
		for _, fd := range sockets {
			unix.Close(fd)
		}
	})
	test(b)
}
