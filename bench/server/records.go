package server

import (
	"errors"
	"io"

	"github.com/ringreadv/ringreadv/xdrwire"
)

const (
	maxRecordBytes   = 1 << 20 // of a call, marks counted
	maxFragmentCount = 1024    // of a call
	firstInputBytes  = 64 << 10
)

var (
	errRecordBytes = errors.New("server: call of more than 1 MiB")
	errFragments   = errors.New("server: call of more than 1024 fragments")
)

// records cuts a stream into the records it is made of.
type records struct {
	buf        []byte
	start, end int // of what is read and not cut yet
}

func (r *records) empty() bool { return r.start == r.end }

// readFrom reads once from src, after all whole records have been taken.
func (r *records) readFrom(src io.Reader) error {
	r.end = copy(r.buf, r.buf[r.start:r.end])
	r.start = 0
	if r.end == len(r.buf) { // the start of a longer record fills it
		longer := make([]byte, max(firstInputBytes, 2*len(r.buf)))
		copy(longer, r.buf)
		r.buf = longer
	}
	n, err := src.Read(r.buf[r.end:])
	r.end += n
	if n > 0 {
		return nil
	}
	return err
}

// next takes the next record. It is valid until the next call of readFrom. ok
// is false when more must be read before it is whole.
func (r *records) next() (record []byte, ok bool, err error) {
	whole := r.buf[r.start:r.end]
	length, fragments := 0, 0
	for last := false; !last; fragments++ {
		if fragments == maxFragmentCount {
			return nil, false, errFragments
		}
		if len(whole)-length < xdrwire.MarkBytes {
			return nil, false, nil
		}
		mark := xdrwire.ParseMark(whole[length:])
		last = mark.Last()
		if mark.Len() > maxRecordBytes-length-xdrwire.MarkBytes {
			return nil, false, errRecordBytes
		}
		length += xdrwire.MarkBytes + mark.Len()
		if length > len(whole) {
			return nil, false, nil
		}
	}
	r.start += length
	if fragments == 1 {
		return whole[xdrwire.MarkBytes:length], true, nil
	}
	return join(whole[:length]), true, nil
}

// join moves the fragments of a record together, over their marks.
func join(fragments []byte) []byte {
	n := 0
	for rest := fragments; len(rest) > 0; {
		length := xdrwire.ParseMark(rest).Len()
		rest = rest[xdrwire.MarkBytes:]
		n += copy(fragments[n:], rest[:length])
		rest = rest[length:]
	}
	return fragments[:n]
}
