package chaos

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// Kinds of failures.
const (
	failDeadline  = "deadline"
	failCancelled = "cancelled"
	failClosed    = "closed"
	failLost      = "connection lost"
	failFast      = "connection lost, and FailFast asked for"
	failReply     = "bad reply"
	failRPC       = "refused by RPC"
	failStatus    = "refused by the server"
	failSystem    = "system"
	failUntyped   = "of unknown type"
)

// kindOf tells which of the known types an error is of.
func kindOf(err error) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return failDeadline
	case errors.Is(err, context.Canceled):
		return failCancelled
	case errors.Is(err, net.ErrClosed), errors.Is(err, fs.ErrClosed):
		return failClosed
	case is[*transport.ConnError](err):
		return failLost
	case is[*transport.ReplyError](err), is[*xdrwire.LengthError](err), isAny(err,
		gfs.ErrReadLength, gfs.ErrDict, nfs3.ErrReadLength, xdrwire.ErrShort, xdrwire.ErrBool):
		return failReply
	case is[*xdrwire.RPCError](err):
		return failRPC
	case is[*gfs.StatusError](err), is[*nfs3.StatusError](err), is[*mount3.StatusError](err), is[*gluster.SetVolumeError](err):
		return failStatus
	case is[syscall.Errno](err):
		return failSystem
	}
	return failUntyped
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func isAny(err error, list ...error) bool {
	for _, e := range list {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// kindOfRead is kindOf for what a read ended with, which is always about a file.
// With fast, a lost connection is what the volume's user wants to hear of.
func kindOfRead(err error, fast bool) string {
	kind := kindOf(err)
	switch {
	case !is[*fs.PathError](err):
		return failUntyped
	case kind == failLost && fast:
		return failFast
	}
	return kind
}
