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
// net.Dialer or of [ConnOptions].Dial, and [PrivilegeError].
func (e *Engine) Dial(ctx context.Context, address string, o ConnOptions) (*Conn, error) {
	e.mu.Lock()
	err := e.unfit()
	e.mu.Unlock()
	if err != nil {
		return nil, err
	}
	dial := o.Dial
	switch {
	case dial != nil:
	case o.PrivilegedPort:
		dial = dialPrivileged
	default:
		dial = new(net.Dialer).DialContext
	}
	nc, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	fd, err := takeSocket(nc)
	if err != nil {
		return nil, fmt.Errorf("transport: taking over the socket to %s: %w", address, err)
	}
	if o.Silence > 0 {
		if err := setPatience(fd, o.Silence); err != nil {
			unix.Close(fd)
			return nil, fmt.Errorf("transport: watching over the connection to %s: %w", address, err)
		}
	}
	return e.NewConn(fd, address, o)
}

// PrivilegeError is a connection that was to come from a port below 1024 and
// could not.
type PrivilegeError struct {
	Err error
}

func (e *PrivilegeError) Error() string {
	return fmt.Sprintf("transport: no source port below 1024: %v; it takes root or CAP_NET_BIND_SERVICE", e.Err)
}

func (e *PrivilegeError) Unwrap() error { return e.Err }

// dialPrivileged tries ports from 1023 down to 512, below which services live.
func dialPrivileged(ctx context.Context, network, address string) (nc net.Conn, err error) {
	for port := 1023; port >= 512; port-- {
		d := net.Dialer{LocalAddr: &net.TCPAddr{Port: port}}
		nc, err = d.DialContext(ctx, network, address)
		switch {
		case errors.Is(err, unix.EADDRINUSE), errors.Is(err, unix.EADDRNOTAVAIL):
		case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
			return nil, &PrivilegeError{Err: err}
		default:
			return nc, err
		}
	}
	return nil, &PrivilegeError{Err: err}
}

// takeSocket moves the socket out of a net.Conn and the runtime's poller, which would
// wake up for every segment.
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
	return fd, err
}
