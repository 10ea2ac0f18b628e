package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
)

// Misuse and states. They match with errors.Is.
var (
	// ErrQueueFull: the queue has as many calls accepted as it has room for.
	// Nothing was lent; pop some first.
	ErrQueueFull = errors.New("transport: queue is full")
	// ErrInFlight: the Call is with the engine already.
	ErrInFlight = errors.New("transport: call is in flight already")
	// ErrForeignConn: the Call has no connection, or one of another engine than
	// the queue's. Nothing was lent.
	ErrForeignConn = errors.New("transport: the call's connection is not one of this queue's engine")
	// ErrBufferInUse: some of the memory is lent to another call, or twice to
	// this one. Nothing was lent by this attempt.
	ErrBufferInUse = errors.New("transport: memory is in use by another read in flight")
	// ErrBusyQueue: another goroutine waits on the queue, or, for Do, it has
	// calls in flight. Nothing was lent.
	ErrBusyQueue = errors.New("transport: the queue is in use by another goroutine")
	// ErrClosed: the engine or the connection has been closed. It matches
	// net.ErrClosed.
	ErrClosed error = closedError{}
	// ErrBroken: the kernel, or a filter, has come to refuse all work of the
	// engine's ring. The engine does nothing any more; a new one may go by the
	// runtime's poller.
	ErrBroken = errors.New("transport: the engine's ring is refused from now on; a new engine may go by the runtime's poller")
	// ErrLeaked: the engine was closed and the kernel did not let go of the
	// call's memory in time. It may write to it at any time: the memory is
	// pinned for good and must not be used again.
	ErrLeaked = errors.New("transport: the kernel still holds memory at close; it is leaked on purpose and must not be used again")
)

type closedError struct{}

func (closedError) Error() string        { return "transport: closed" }
func (closedError) Is(target error) bool { return target == net.ErrClosed }

// OpError is how a call ends that did not succeed. Err is one of:
//
//   - *xdrwire.RPCError: the server's RPC layer refused the call
//   - *ReplyError: the reply is not one to this call's question
//   - *ConnError: the connection ended; see its Retryable
//   - ErrDeadline, context.Canceled: the caller's patience ended
//   - *OutageError: so did it, and there was no connection to make the call on
//   - ErrClosed, ErrLeaked
//   - whatever the call's Reply returned
type OpError struct {
	Peer string
	Call string // procedure
	XID  uint32 // 0 if it was never sent
	Err  error
}

func (e *OpError) Error() string {
	s := "transport: " + e.Call + " at " + e.Peer
	if e.XID != 0 {
		s += fmt.Sprintf(" (xid %#08x)", e.XID)
	}
	return s + ": " + e.Err.Error()
}

func (e *OpError) Unwrap() error { return e.Err }

// Timeout makes an OpError a net.Error in spirit: true when a deadline passed.
func (e *OpError) Timeout() bool { return errors.Is(e.Err, os.ErrDeadlineExceeded) }

// ReplyError is a well-framed record that is not a sane reply. The record was
// dropped, the connection goes on.
type ReplyError struct {
	Reason    string
	Got, Want int // lengths in bytes, where they matter
}

func (e *ReplyError) Error() string {
	s := "bad reply: " + e.Reason
	if e.Got != 0 || e.Want != 0 {
		s += fmt.Sprintf(" (%d bytes instead of %d)", e.Got, e.Want)
	}
	return s
}

// RecordError is a stream that is no sequence of RPC records any more. The
// connection is closed.
type RecordError struct {
	Reason string
	Err    error
}

func (e *RecordError) Error() string {
	s := "malformed record: " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *RecordError) Unwrap() error { return e.Err }

// ConnError is the end of a connection, as seen by the calls that were on it.
type ConnError struct {
	Peer string
	// Err says why: io.EOF when the server closed it, an errno, a
	// *RecordError, ErrSilent, ErrBroken.
	Err error
	// Redial is why the last try to make a new one failed, nil if none did.
	Redial error
}

func (e *ConnError) Error() string {
	s := "connection to " + e.Peer + " ended: " + e.Err.Error()
	if e.Redial != nil {
		s += "; no new one: " + e.Redial.Error()
	}
	return s
}

func (e *ConnError) Unwrap() error { return e.Err }

// Retryable is true: reads change nothing at the server, so that asking again on
// a new connection is safe.
func (e *ConnError) Retryable() bool { return true }

// ErrDeadline is why a call ended whose time was up. It matches
// os.ErrDeadlineExceeded and context.DeadlineExceeded.
var ErrDeadline error = deadlineError{}

type deadlineError struct{}

func (deadlineError) Error() string   { return "deadline exceeded" }
func (deadlineError) Timeout() bool   { return true }
func (deadlineError) Temporary() bool { return true }
func (deadlineError) Is(target error) bool {
	return target == os.ErrDeadlineExceeded || target == context.DeadlineExceeded
}

// OutageError is why a call ended whose time was up while it waited for a new
// connection. It matches what [ErrDeadline] matches.
type OutageError struct {
	// Lost is the end of the connection that the call was on last, with what
	// has kept a new one from being made.
	Lost *ConnError
}

func (e *OutageError) Error() string   { return ErrDeadline.Error() + ": " + e.Lost.Error() }
func (e *OutageError) Unwrap() []error { return []error{ErrDeadline, e.Lost} }

// ErrSilent ends a connection from which nothing of a reply to any of its calls has
// come, neither while they ran into their deadlines until all of its slots waited
// for replies to calls given up, nor after a ping ([ConnOptions].Silence). What
// else the server sent does not count.
var ErrSilent = errors.New("the server answers none of the calls it has")
