package transport

import (
	"errors"

	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// offered are the accelerators that probing io_uring and sockets has found.
func offered(f ring.Features) Accelerators {
	a := socketsOffer()
	for _, x := range f.All() {
		// Registering memory is tried all the same where the limit on it was in
		// the way: then Register says so.
		if x.Answer == ring.Yes || x.Key == f.BufferTable.Key && errors.Is(x.Err, unix.ENOMEM) {
			key, _ := parseAccelerator(x.Key) // none for what is not used
			a |= key
		}
	}
	return a
}

// pollerOffers are the accelerators of package poll: it waits by itself, and for all
// bytes, and knows how many it has.
func pollerOffers() Accelerators { return socketsOffer() | BoundedWait | WaitAll | CancelBytes }

// socketsOffer are the accelerators that sockets have.
func socketsOffer() (a Accelerators) {
	lowWater, tcpInfo := probeSocket()
	if lowWater.Answer == ring.Yes {
		a |= LowWater
	}
	if tcpInfo.Answer == ring.Yes {
		a |= TCPInfo
	}
	return a
}

// probeSocket does once what connections do with their sockets.
func probeSocket() (lowWater, tcpInfo ring.Feature) {
	lowWater = ring.Feature{Key: LowWater.String(), Name: "low-water mark of a socket (SO_RCVLOWAT)", Since: "2.6.28"}
	tcpInfo = ring.Feature{Key: TCPInfo.String(), Name: "time of the last bytes (TCP_INFO)", Since: "2.6"}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_STREAM, 0)
	}
	if err != nil {
		lowWater.SettleUntold(err)
		tcpInfo.SettleUntold(err)
		return lowWater, tcpInfo
	}
	defer unix.Close(fd)
	lowWater.Settle(forbidden(lowWater.Name, setLowWater(fd, 1)))
	_, err = lastReceived(fd)
	tcpInfo.Settle(forbidden(tcpInfo.Name, err))
	return lowWater, tcpInfo
}

// forbidden gives the error of a system call on a socket its likely meaning.
func forbidden(what string, err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
		return &ring.ForbiddenError{Feature: what, Cause: "a seccomp filter", Err: err}
	}
	return err
}
