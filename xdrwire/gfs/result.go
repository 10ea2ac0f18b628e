package gfs

import (
	"fmt"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Result is how every reply starts. Ret is negative on failure and then Errno
// says why. After success Errno means nothing, except where a procedure says
// otherwise.
type Result struct{ Ret, Errno int32 }

// Err returns nil after success, else a [*StatusError].
func (r Result) Err() error {
	if r.Ret >= 0 {
		return nil
	}
	return &StatusError{Errno: r.Errno}
}

// StatusError is the failure of an operation on the server.
type StatusError struct {
	Errno int32 // numbered as on Linux, whatever the server runs; glusterd may send 0
}

func (e *StatusError) Error() string {
	if e.Errno == 0 {
		return "gluster: failed, and the server gave no reason"
	}
	return fmt.Sprintf("gluster: %s (errno %d)", e.host(), e.Errno)
}

// Unwrap gives the errno by this system's number, in which errors.Is finds the
// kinds of [io/fs]; EIO for one that this system does not have.
func (e *StatusError) Unwrap() error { return e.host() }

func (e *StatusError) host() syscall.Errno { return hostErrno(e.Errno, onLinux) }

// Retryable reports whether the same request may succeed when sent again.
func (e *StatusError) Retryable() bool {
	return e.host() == syscall.EAGAIN || e.host() == syscall.ENOTCONN
}

func appendResult(b []byte, r Result) []byte {
	return xdrwire.AppendInt32(xdrwire.AppendInt32(b, r.Ret), r.Errno)
}

func (d *decoder) result() Result { return Result{Ret: d.Int32(), Errno: d.Int32()} }
