package readv

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"syscall"
)

const errIsDirectory = syscall.EISDIR

// Reader gives a File a position: an io.ReadSeekCloser and an io.WriterTo. It is
// for one goroutine at a time.
type Reader struct {
	ctx  context.Context
	file *File
	off  int64
}

// NewReader returns a Reader that starts at the beginning. Its reads use the
// context. Closing it does not close the file.
func (f *File) NewReader(ctx context.Context) *Reader { return &Reader{ctx: ctx, file: f} }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.file.Readv(r.ctx, [][]byte{p}, r.off)
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
	// Nothing may stay lent, whatever ended the loop.
	for i := range a.ops {
		q.Cancel(&a.ops[i])
	}
	for q.InFlight() > 0 {
		if _, waitErr := q.Wait(context.WithoutCancel(r.ctx), a.done[:], 1); waitErr != nil {
			return written, errors.Join(err, waitErr)
		}
	}
	r.off += written
	return written, err
}

// ahead is a ring of reads, finished in any order and written in theirs.
type ahead struct {
	reader   *Reader
	queue    *Queue
	next     int64 // offset of the next read
	ops      [aheadCount]Op
	finished [aheadCount]bool
	done     [aheadCount]*Op
}

func (a *ahead) run(w io.Writer) (written int64, err error) {
	for i := range a.ops {
		a.ops[i].File = a.reader.file
		a.ops[i].Iovs = [][]byte{make([]byte, aheadBytes)}
		a.ops[i].UserData = i
		if err := a.submit(i); err != nil {
			return 0, err
		}
	}
	for i := 0; ; i = (i + 1) % aheadCount {
		o := &a.ops[i]
		if err := a.await(i); err != nil {
			return written, err
		}
		n, err := w.Write(o.Iovs[0][:o.N])
		written += int64(n)
		switch {
		case err != nil:
			return written, err
		case o.Err == io.EOF:
			return written, nil
		case o.Err != nil:
			return written, o.Err
		}
		if err := a.submit(i); err != nil {
			return written, err
		}
	}
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
