package readv

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
)

// An Op is one asynchronous read. The caller owns it, fills in the first group
// of fields, submits it to a [Queue] and leaves it and its slices alone until
// Wait hands it back with the second group filled in. It may be used again; it
// is not copied once used.
type Op struct {
	File *File
	// Iovs are the slices to fill, in order. Lent while the Op is in flight.
	Iovs [][]byte
	// Off is where in the file to read from.
	Off int64
	// Deadline is when the read fails with os.ErrDeadlineExceeded; zero means
	// Options.Timeout from now.
	Deadline time.Time
	// UserData is the caller's.
	UserData any

	// N is how many bytes are in Iovs, from the first on.
	N int
	// Err is nil if they are all that was asked for, io.EOF if the file ends
	// before, else why there are fewer.
	Err error

	state opState
}

// opState is the library's part of an Op.
type opState struct {
	guard   opGuard
	queue   atomic.Pointer[Queue] // set while the operation is the library's
	cancel  error                 // why it is to end early
	size    int                   // bytes asked for
	first   part                  // the only part of most reads
	rest    []*part               // further ones; kept for the next use
	parts   int
	pending int // parts not ended
	next    *Op // in a list of finished operations
}

// part is one call of an operation: a read larger than the protocol allows in
// one call is cut into several, all in flight at once.
type part struct {
	backend.Read
	op   *Op
	ring int
	off  int64
	size int
	done int // bytes of it in place, from calls before the current one
	iovs [][]byte
	err  error
}

// part gives the i-th part, made on first use.
func (o *Op) part(i int) *part {
	if i == 0 {
		return &o.state.first
	}
	for len(o.state.rest) < i {
		o.state.rest = append(o.state.rest, new(part))
	}
	return o.state.rest[i-1]
}

// split cuts the operation into parts of at most most bytes.
func (o *Op) split(most int) {
	s := &o.state
	s.parts = max(1, (s.size+most-1)/most)
	for i := range s.parts {
		p := o.part(i)
		at := i * most
		p.op, p.off, p.size, p.done, p.err = o, o.Off+int64(at), min(most, s.size-at), 0, nil
		if s.parts == 1 {
			p.Call.Iovs = o.Iovs
			continue
		}
		p.iovs = window(p.iovs[:0], o.Iovs, at, p.size)
		p.Call.Iovs = p.iovs
	}
	s.pending = s.parts
}

// window appends to dst the slices that hold n bytes of iovs from offset at on.
func window(dst, iovs [][]byte, at, n int) [][]byte {
	for _, v := range iovs {
		if at >= len(v) {
			at -= len(v)
			continue
		}
		v = v[at:]
		at = 0
		if len(v) >= n {
			return append(dst, v[:n])
		}
		n -= len(v)
		dst = append(dst, v)
	}
	return dst
}

// collect joins the parts' results: what is in place without a gap counts.
func (o *Op) collect() {
	o.N, o.Err = 0, nil
	for i := range o.state.parts {
		p := o.part(i)
		o.N += p.done
		if p.err != nil {
			o.Err = p.err
			break
		}
	}
	// The caller's slices are the caller's: nothing is kept of them.
	for i := range o.state.parts {
		p := o.part(i)
		clear(p.iovs)
		p.Call.Iovs = nil
	}
	if o.Err != nil && o.Err != io.EOF {
		o.Err = o.File.volume.pathError("read", o.File.name, o.Err)
	}
}

// prepare makes the call for what is left of the part.
func (p *part) prepare(q *Queue) error {
	c := &p.Call
	c.Reply = &p.Read
	if !q.volume.opt.FailFast {
		c.Resend = p
	}
	c.Bounce = q.volume.opt.Bounce
	c.UserData = p
	p.ring = q.ring
	return p.Resend(c)
}

// Resend implements transport.Resender.
func (p *part) Resend(*transport.Call) error {
	p.Asked, p.EOF = p.size-p.done, false
	return p.op.File.backend.Prepare(&p.Read, p.ring, p.off+int64(p.done), p.Asked)
}

// ended takes in the result of the part's call and reports whether the part is
// done. A reply may be short before the end of the file: then the rest is still
// to be read.
func (p *part) ended() bool {
	c := &p.Call
	if c.Err != nil {
		p.err = c.Err
		return true
	}
	p.done += c.Received
	switch {
	case p.done == p.size:
		return true
	case p.EOF:
		p.err = io.EOF
		return true
	case c.Received == 0:
		p.err = io.ErrNoProgress
		return true
	}
	p.iovs = window(nil, c.Iovs, c.Received, p.size-p.done)
	c.Iovs = p.iovs
	return false
}
