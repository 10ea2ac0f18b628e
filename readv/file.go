package readv

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
)

// File is an open remote file. It has no position; all methods are safe from
// many goroutines.
type File struct {
	volume  *Volume
	name    string
	backend backend.File
	owns    bool // the volume was dialled for this file
	uses    uses // reads in flight, and other uses of the handle
}

// Name is the name the file was opened with.
func (f *File) Name() string { return f.name }

// Volume is the volume the file is on.
func (f *File) Volume() *Volume { return f.volume }

// Stat asks the server for the file's attributes.
func (f *File) Stat(ctx context.Context) (fs.FileInfo, error) {
	if err := f.acquire(0); err != nil {
		return nil, f.volume.pathError("stat", f.name, err)
	}
	defer f.release(0)
	var a backend.Attr
	err := f.volume.conns.Retry(ctx, func() (err error) {
		a, err = f.backend.Stat(ctx)
		return err
	})
	if err != nil {
		return nil, f.volume.pathError("stat", f.name, err)
	}
	return a, nil
}

// ReadAt implements io.ReaderAt: it reads len(p) bytes at off, or fewer with
// the reason, io.EOF at the end of the file. p is the library's until it
// returns.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	b := f.volume.calls.Get().(*blockingCall)
	b.iov[0] = p
	n, err := b.read(context.Background(), f, b.iov[:], off)
	f.volume.calls.Put(b)
	return n, err
}

// Readv reads into the slices, one after the other, from off on. The result is
// as with ReadAt. When the context ends, Readv cancels the read and returns as
// soon as the slices are the caller's again.
func (f *File) Readv(ctx context.Context, iovs [][]byte, off int64) (int, error) {
	b := f.volume.calls.Get().(*blockingCall)
	n, err := b.read(ctx, f, iovs, off)
	f.volume.calls.Put(b)
	return n, err
}

// Close refuses further reads with fs.ErrClosed. Those in flight end as they
// end; the server gets its handle back after the last. A file opened by [Open]
// closes its volume with it. A second Close does nothing.
func (f *File) Close() error {
	first, idle := f.uses.close()
	switch {
	case !first:
		return nil
	case f.owns:
		return f.volume.Close() // and with its connections goes the handle
	case idle:
		f.giveBack()
	}
	return nil
}

// acquire keeps the handle alive until release, for a read on this ring: servers
// use the number of a handle that was given back for the next file.
func (f *File) acquire(ring int) error {
	if !f.uses.begin(ring) {
		f.release(ring)
		return fs.ErrClosed
	}
	return nil
}

func (f *File) release(ring int) {
	if f.uses.end(ring) && !f.owns {
		// Whoever reaped the last read does not wait for this.
		f.volume.releases.Go(f.giveBack)
	}
}

// giveBackTimeout bounds a courtesy: a server that does not answer loses the
// handle with the connection.
const giveBackTimeout = time.Second

func (f *File) giveBack() {
	ctx, cancel := context.WithTimeout(context.Background(), giveBackTimeout)
	defer cancel()
	if err := f.backend.Close(ctx); err != nil {
		f.volume.opt.Logger.Warn("closing a remote file", "name", f.name, "err", err)
	}
}

// blockingCall is what a blocking read needs: an operation and a queue for it.
type blockingCall struct {
	queue *Queue
	op    Op
	done  [1]*Op
	iov   [1][]byte
}

// newBlockingCall makes one for the pool, which keeps them by CPU: a goroutine
// gets the one that was put back there last, and with it a ring whose lock and
// connections that CPU knows. While more reads go on at once than there are rings,
// all rings have some.
func (v *Volume) newBlockingCall() *blockingCall {
	return &blockingCall{queue: v.NewQueue(1)}
}

func (b *blockingCall) read(ctx context.Context, f *File, iovs [][]byte, off int64) (int, error) {
	o := &b.op
	o.File, o.Iovs, o.Off = f, iovs, off
	o.Deadline, _ = ctx.Deadline()
	defer b.forget()
	if err := ctx.Err(); err != nil {
		return 0, asPathError(f, ended(err))
	}
	if _, err := b.queue.Add(o); err != nil {
		return 0, asPathError(f, err)
	}
	if _, err := b.queue.Wait(ctx, b.done[:], 1); err != nil {
		b.queue.cancel(o, ended(err))
		if _, err := b.queue.Wait(context.WithoutCancel(ctx), b.done[:], 1); err != nil {
			return 0, asPathError(f, err)
		}
	}
	return o.N, o.Err
}

// forget drops the references to the caller's things.
func (b *blockingCall) forget() {
	b.iov[0], b.done[0] = nil, nil
	b.op.File, b.op.Iovs = nil, nil
}

// ended turns a context's error into what reads end with.
func ended(err error) error {
	if err == context.DeadlineExceeded {
		return transport.ErrDeadline
	}
	return err
}

func asPathError(f *File, err error) error {
	var already *fs.PathError
	if errors.As(err, &already) {
		return err
	}
	return f.volume.pathError("read", f.name, err)
}
