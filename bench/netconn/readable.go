package netconn

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// readable waits until there is something to be received, or until a time. It is not
// done with a deadline of the connection: the runtime keeps those in whole
// milliseconds, and each that passes makes an error.
type readable struct {
	until time.Time
	found bool
	calls uint64 // of ppoll
	poll  [1]unix.PollFd
	look  func(fd uintptr) // wait, made once
}

// maxLook bounds how late an interrupted connection is noticed.
const maxLook = 100 * time.Millisecond

// awaitReply reports whether a reply, or the end, has begun to arrive by that time.
func (c *conn) awaitReply(until time.Time) (bool, error) {
	if c.in.Buffered() > 0 {
		return true, nil
	}
	raw, err := c.net.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false, err
	}
	r := &c.readable
	if r.look == nil {
		r.look = r.wait
	}
	r.until, r.found = until, false
	err = raw.Control(r.look)
	return r.found, err
}

func (r *readable) wait(fd uintptr) {
	for end := time.Now().Add(maxLook); !r.found; {
		left := min(time.Until(r.until), time.Until(end))
		ts := unix.NsecToTimespec(int64(max(left, 0)))
		r.poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		r.calls++
		n, err := unix.Ppoll(r.poll[:], &ts, nil)
		// Signals, of the runtime to itself, cut it short.
		if r.found = n > 0; left <= 0 || err != nil && err != unix.EINTR {
			return
		}
	}
}

// Readable waits for a reply, which Next receives then, until a time, or for a tenth
// of a second if that is less, and reports whether there is one.
func (cl *Client) Readable(until time.Time) (bool, error) { return cl.conn.awaitReply(until) }

// Readable is that of Client.
func (f *NFSFile) Readable(until time.Time) (bool, error) { return f.conn.awaitReply(until) }
