package transport

import (
	"errors"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// noSignal has a send to a peer that is gone fail without SIGPIPE.
const noSignal = unix.MSG_NOSIGNAL

// setLowWater has the socket count as readable with so many bytes.
func setLowWater(fd, n int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, n)
}

// lastReceived is how long ago the socket received anything.
func lastReceived(fd int) (time.Duration, error) {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0, err
	}
	return time.Duration(info.Last_data_recv) * time.Millisecond, nil
}

// maxKeepIdle is the longest that Linux lets a connection be idle before it probes
// it, in seconds (include/net/tcp.h, MAX_TCP_KEEPIDLE).
const maxKeepIdle = 32767

// setPatience has the kernel end the connection when what was sent is not
// acknowledged for so long, and probe it when it is idle for half of that
// (tcp(7)).
func setPatience(fd int, d time.Duration) error {
	half := min(max(1, int(d/2/time.Second)), maxKeepIdle)
	return errors.Join(
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(min(d.Milliseconds(), math.MaxInt32))),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, half),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, half),
	)
}
