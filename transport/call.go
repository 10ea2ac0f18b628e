package transport

import (
	"runtime"
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// A Call is one RPC. Fill in the first group of fields, add it to a [Queue], and
// leave it alone until the queue hands it back; then read the second group. A
// Call may be used again and again; it is not copied once used.
type Call struct {
	// Conn is the connection to make the call on.
	Conn      *Conn
	Procedure xdrwire.Procedure
	// Cred is the credential to send; its body is only read.
	Cred xdrwire.Auth
	// Args are the encoded arguments, lent like the payload's memory.
	Args []byte
	// Reply takes in the reply of a call with a payload. Nil means that the
	// whole result is collected in Body.
	Reply Reply
	// Iovs are where the payload goes, in order. Lent (see the package
	// comment).
	Iovs [][]byte
	// Bounce has the payload received into memory of the library and copied
	// to Iovs at the end: what direct placement saves.
	Bounce bool
	// MaxBodyBytes bounds Body; 0 means 16 MiB.
	MaxBodyBytes int
	// Deadline is when the call fails with [ErrDeadline]; the zero
	// time means never.
	Deadline time.Time
	// Resend has the call made again when its connection ends before its
	// reply has come: see [ConnOptions].Lost. Nil means that it fails with a
	// [ConnError] then.
	Resend Resender
	// UserData is the caller's.
	UserData any

	// Err is why the call failed: an [OpError].
	Err error
	// Body is the result of a call without Reply. Its memory is used again
	// with the Call.
	Body []byte
	// Received is how many payload bytes are in Iovs; they count only if Err
	// is nil.
	Received int

	engineState
}

const defaultMaxBodyBytes = 16 << 20

// maxBody is how long a result in Body may be.
func (c *Call) maxBody() int {
	if c.MaxBodyBytes == 0 {
		return defaultMaxBodyBytes
	}
	return c.MaxBodyBytes
}

// A Reply knows the layout of one procedure's result up to its payload. It is
// called with the engine's lock held: it parses, keeps what it needs, and
// returns.
type Reply interface {
	// UsualHead is how many bytes stand between the RPC header and the payload
	// in the usual reply. So many are received before Head is asked; if a
	// reply has fewer, the payload bytes among them are copied.
	UsualHead() int
	// Head parses the start of the result. size is the length of the whole
	// result, or -1 while the record is not known to end in this fragment.
	// It returns where the payload starts and how long it is. With
	// [xdrwire.ErrShort] head is the number of bytes it needs; any other
	// error fails the call and the rest of the record is dropped. b is valid
	// only during the call.
	Head(b []byte, size int) (head, payload int, err error)
}

// A Resender readies a call for another connection: it sets Conn, and Args and
// whatever else depends on it. It is called with the engine's lock held and must
// not block. An error fails the call.
type Resender interface {
	Resend(*Call) error
}

// callState is where a call stands. The only ways through are
// idle → queued → sent → receiving → done → idle, with a shortcut to done from
// each, and back to queued when the connection ends; Conn.cancel says what happens
// to the memory on the shortcuts.
type callState uint8

const (
	stateIdle      callState = iota // the caller's
	stateQueued                     // accepted, waiting for a slot
	stateSent                       // encoded for sending, reply outstanding
	stateReceiving                  // its reply is being received
	stateDone                       // finished, not popped yet
)

// engineState is the engine's part of a Call, guarded by Engine.mu.
type engineState struct {
	guard callGuard
	state callState
	queue *Queue
	xid   uint32

	prev, next *Call // in a callList

	target    [][]byte // where bytes land: iovs, or the bounce buffer
	bounce    [1][]byte
	size      int // bytes in Iovs
	cursor    cursor
	aimed     bool  // the receive in flight may write to target
	cancelErr error // why it is to end once no receive is aimed at it
	pinner    runtime.Pinner
}

// callList is a FIFO of calls linked through themselves: a call is in one list at
// a time, waiting for a slot, for its reply or for Pop.
type callList struct {
	head, tail *Call
	count      int
}

func (l *callList) push(c *Call) {
	c.prev, c.next = l.tail, nil
	if l.tail == nil {
		l.head = c
	} else {
		l.tail.next = c
	}
	l.tail = c
	l.count++
}

func (l *callList) pop() *Call {
	c := l.head
	if c != nil {
		l.remove(c)
	}
	return c
}

// remove takes c, which is in the list, out of it.
func (l *callList) remove(c *Call) {
	if c.prev == nil {
		l.head = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		l.tail = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	l.count--
}
