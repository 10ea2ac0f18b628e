package ring

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Message is a msghdr and its iovecs in memory that does not move: what a
// vectored receive is aimed with. It keeps the segments referenced; keeping
// them pinned is the caller's part. Make it with new and do not copy it.
type Message struct {
	header unix.Msghdr
	iovecs []unix.Iovec
	guard  messageGuard
	bytes  int
}

// MaxSegments is the most iovecs that one receive takes (UIO_MAXIOV).
const MaxSegments = 1024

// Reset drops all segments.
func (m *Message) Reset() {
	m.guardChange()
	clear(m.iovecs)
	m.iovecs = m.iovecs[:0]
	m.bytes = 0
}

// Append adds p as the next segment; empty slices are left out. It reports
// whether there was room ([MaxSegments]).
func (m *Message) Append(p []byte) bool {
	m.guardChange()
	if len(p) == 0 {
		return true
	}
	if len(m.iovecs) == MaxSegments {
		return false
	}
	m.iovecs = append(m.iovecs, iovecOf(p))
	m.bytes += len(p)
	return true
}

// Len is the number of segments, Bytes the sum of their lengths.
func (m *Message) Len() int   { return len(m.iovecs) }
func (m *Message) Bytes() int { return m.bytes }

// AppendSegments appends the segments to dst: for those who receive without a
// kernel that reads the iovecs.
func (m *Message) AppendSegments(dst [][]byte) [][]byte {
	for i := range m.iovecs {
		v := &m.iovecs[i]
		dst = append(dst, unsafe.Slice(v.Base, int(v.Len)))
	}
	return dst
}
