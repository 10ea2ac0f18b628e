//go:build !linux

package transport

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// noSignal: the runtime ignores the SIGPIPE of a send to a peer that is gone.
const noSignal = 0

// setLowWater: a receive that sleeps until much has come is for systems that tell
// when bytes came that no receive has reported.
func setLowWater(int, int) error { return errors.ErrUnsupported }

func lastReceived(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

// setPatience has the kernel probe idle connections. How long it has patience with
// what is not acknowledged is the system's to say: calls have deadlines, and pings
// find a server that is silent.
func setPatience(fd int, _ time.Duration) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
}
