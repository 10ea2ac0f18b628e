package readv

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// Reader gives a File a position: an io.ReadSeekCloser and an io.WriterTo. It is
// for one goroutine at a time.
type Reader struct {
	ctx  context.Context
	file *File
	off  int64
	iov  [1][]byte
}

// NewReader returns a Reader that starts at the beginning. Its reads use the
// context. Closing it does not close the file.
func (f *File) NewReader(ctx context.Context) *Reader { return &Reader{ctx: ctx, file: f} }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	r.iov[0] = p
	n, err := r.file.Readv(r.ctx, r.iov[:], r.off)
	r.iov[0] = nil
	r.off += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// Seek implements io.Seeker.
func (r *Reader) Seek(off int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		off += r.off
	case io.SeekEnd:
		info, err := r.file.Stat(r.ctx)
		if err != nil {
			return r.off, err
		}
		off += info.Size()
	default:
		off = -1
	}
	if off < 0 {
		return r.off, &fs.PathError{Op: "seek", Path: r.file.name, Err: fs.ErrInvalid}
	}
	r.off = off
	return off, nil
}

// Close implements io.Closer.
func (r *Reader) Close() error { return nil }

// How WriteTo reads ahead.
const (
	aheadBytes = 1 << 20
	aheadCount = 8
)

// WriteTo implements io.WriterTo: it writes the file from the position to its
// end, with several reads in flight ahead of the writer.
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	q := r.file.volume.NewQueue(aheadCount)
	a := &ahead{reader: r, queue: q, next: r.off}
	written, err := a.run(w)
	// Nothing may stay lent, whatever ended the loop. Reads past the end are
	// answered at once; after a failure nobody waits for an answer.
	for i := range a.ops {
		if err != nil {
			q.Cancel(&a.ops[i])
		}
	}
	for q.InFlight() > 0 {
		if _, waitErr := q.Wait(context.WithoutCancel(r.ctx), a.done[:], 1); waitErr != nil {
			return written, errors.Join(err, waitErr)
		}
	}
	r.off += written
	return written, err
}

// ahead is a ring of reads, finished in any order and written in theirs. It
// starts with one and doubles while reads come back full: a small file costs one
// read.
type ahead struct {
	reader   *Reader
	queue    *Queue
	next     int64 // offset of the next read
	started  int   // operations in use
	ops      [aheadCount]Op
	finished [aheadCount]bool
	done     [aheadCount]*Op
}

func (a *ahead) run(w io.Writer) (written int64, err error) {
	if err := a.widen(1); err != nil {
		return 0, err
	}
	for i := 0; ; {
		o := &a.ops[i]
		if err := a.await(i); err != nil {
			return written, err
		}
		n, err := w.Write(o.Iovs[0][:o.N])
		written += int64(n)
		switch {
		case err != nil:
			return written, err
		case n < o.N:
			return written, io.ErrShortWrite
		case o.Err == io.EOF:
			return written, nil
		case o.Err != nil:
			return written, o.Err
		}
		if err := a.submit(i); err != nil {
			return written, err
		}
		// The ring is in order again when the turn is back at its start, and
		// can grow behind its end.
		if i++; i == a.started {
			i = 0
			if err := a.widen(2 * a.started); err != nil {
				return written, err
			}
		}
	}
}

// widen brings the number of reads in flight up to n.
func (a *ahead) widen(n int) error {
	for a.started < min(n, aheadCount) {
		i := a.started
		a.ops[i] = Op{File: a.reader.file, Iovs: [][]byte{make([]byte, aheadBytes)}, UserData: i}
		a.started++
		if err := a.submit(i); err != nil {
			return err
		}
	}
	return nil
}

func (a *ahead) submit(i int) error {
	a.finished[i] = false
	a.ops[i].Off = a.next
	if _, err := a.queue.Submit(&a.ops[i]); err != nil {
		return err
	}
	a.next += aheadBytes
	return nil
}

func (a *ahead) await(i int) error {
	for !a.finished[i] {
		n, err := a.queue.Wait(a.reader.ctx, a.done[:], 1)
		if err != nil {
			return err
		}
		for _, o := range a.done[:n] {
			a.finished[o.UserData.(int)] = true
		}
	}
	return nil
}
