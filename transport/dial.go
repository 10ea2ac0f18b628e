package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Dial connects to a TCP address ("host:port", host a name or an IP address)
// and runs RPC over it. The context bounds the connecting. Errors are those of
// net.Dialer.
func (e *Engine) Dial(ctx context.Context, address string, o ConnOptions) (*Conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	fd, err := takeSocket(nc)
	if err != nil {
		return nil, fmt.Errorf("transport: taking over the socket to %s: %w", address, err)
	}
	return e.NewConn(fd, address, o)
}

// takeSocket moves the socket out of a net.Conn: out of the runtime's poller,
// which would wake up for every segment, and into blocking mode, where io_uring
// waits by itself instead of answering EAGAIN.
func takeSocket(nc net.Conn) (fd int, err error) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		nc.Close()
		return -1, errors.ErrUnsupported
	}
	raw, err := sc.SyscallConn()
	if err == nil {
		controlErr := raw.Control(func(s uintptr) {
			fd, err = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0)
		})
		err = errors.Join(err, controlErr)
	}
	// Closing the original takes it out of the poller; the duplicate keeps
	// the connection open.
	if closeErr := nc.Close(); err == nil && closeErr != nil {
		unix.Close(fd)
		return -1, closeErr
	}
	if err != nil {
		return -1, err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
