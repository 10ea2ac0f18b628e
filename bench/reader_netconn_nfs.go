package bench

import (
	"context"
	"errors"

	"github.com/ringreadv/ringreadv/bench/netconn"
)

// netConnNFSReader reads one file of an NFS server with an ordinary net.Conn.
type netConnNFSReader struct {
	ctx     context.Context
	file    *netconn.NFSFile
	payload uint64
	stop    func() bool
}

func newNetConnNFSReader(ctx context.Context, t *target, w Way) (reader, error) {
	if len(t.files) != 1 {
		return nil, errors.New("over NFS a net.Conn reads one file at a time")
	}
	f, err := openNFS(ctx, t.files[0].url)
	if err != nil {
		return nil, Explain(err, "connecting", t.files[0].url)
	}
	f.Bounce = w.Placement == PlacementCopy
	return &netConnNFSReader{ctx: ctx, file: f, stop: context.AfterFunc(ctx, f.Interrupt)}, nil
}

func (r *netConnNFSReader) start(slot, _ int, buf []byte, off int64) error {
	return r.file.Start(netconn.Read{Buf: buf, Off: off, Tag: slot})
}

func (r *netConnNFSReader) wait(done []completion) (int, error) {
	read, err := r.file.Next()
	if err != nil {
		if r.ctx.Err() != nil {
			err = context.Cause(r.ctx)
		}
		return 0, err
	}
	r.payload += uint64(read.N)
	done[0] = completion{read.Tag, read.N, nil}
	return 1, nil
}

func (r *netConnNFSReader) readv(_ int, iovs [][]byte, off int64) (n int, err error) {
	for _, p := range iovs {
		k, err := r.file.ReadAt(p, off+int64(n))
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *netConnNFSReader) counters() counters {
	return counters{r.file.Syscalls(), r.payload, r.file.CopiedBytes()}
}

func (r *netConnNFSReader) Close() error {
	r.stop()
	return r.file.Close()
}
