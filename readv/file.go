package readv

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
)

// File is an open remote file. It has no position; all methods are safe from
// many goroutines.
type File struct {
	volume  *Volume
	name    string
	backend backend.File
	owns    bool // the volume was dialled for this file
}

// Name is the name the file was opened with.
func (f *File) Name() string { return f.name }

// Volume is the volume the file is on.
func (f *File) Volume() *Volume { return f.volume }

// Stat asks the server for the file's attributes.
func (f *File) Stat(ctx context.Context) (fs.FileInfo, error) {
	a, err := f.backend.Stat(ctx)
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

// Close gives the file back to the server. Reads in flight end as they end. A
// file opened by [Open] closes its volume with it.
func (f *File) Close() error {
	err := f.backend.Close(context.Background())
	if err != nil {
		err = f.volume.pathError("close", f.name, err)
	}
	if f.owns {
		err = errors.Join(err, f.volume.Close())
	}
	return err
}

// blockingCall is what a blocking read needs: an operation and a queue for it.
type blockingCall struct {
	queue *Queue
	op    Op
	done  [1]*Op
	iov   [1][]byte
}

func (v *Volume) newBlockingCall() *blockingCall {
	return &blockingCall{queue: v.NewQueue(1)}
}

func (b *blockingCall) read(ctx context.Context, f *File, iovs [][]byte, off int64) (int, error) {
	o := &b.op
	o.File, o.Iovs, o.Off = f, iovs, off
	o.Deadline, _ = ctx.Deadline()
	defer b.forget()
	if _, err := b.queue.Add(o); err != nil {
		return 0, asPathError(f, err)
	}
	if _, err := b.queue.Wait(ctx, b.done[:], 1); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = os.ErrDeadlineExceeded
		}
		b.queue.cancel(o, err)
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

func asPathError(f *File, err error) error {
	var already *fs.PathError
	if errors.As(err, &already) {
		return err
	}
	return f.volume.pathError("read", f.name, err)
}
