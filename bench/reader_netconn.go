package bench

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/ringreadv/ringreadv/bench/netconn"
)

// netConnReader reads with an ordinary net.Conn.
type netConnReader struct {
	ctx     context.Context
	conn    netConn
	files   []*netconn.File // by index in the target; nil: of another volume, or of NFS
	at      []io.ReaderAt   // the same files
	payload uint64
	stop    func() bool
}

// netConn is what a connection to a brick and one to an NFS server have in common.
type netConn interface {
	Start(netconn.Read) error
	Readable(until time.Time) (bool, error)
	Next() (netconn.Read, error)
	Syscalls() uint64
	CopiedBytes() uint64
	Close() error
}

func newNetConnReader(ctx context.Context, t *target, volume int, w Way) (reader, error) {
	if w.Protocol == ProtocolNFS3 {
		return newNetConnNFSReader(ctx, t, w)
	}
	r := &netConnReader{ctx: ctx, files: make([]*netconn.File, len(t.files)), at: make([]io.ReaderAt, len(t.files))}
	var client *netconn.Client
	for i, f := range t.files {
		if f.volume != volume {
			continue
		}
		var err error
		if client == nil {
			if client, err = dialNetConn(ctx, f.url); err != nil {
				return nil, Explain(err, "connecting", f.url)
			}
			client.Bounce = w.Placement == PlacementCopy
			r.conn, r.stop = client, context.AfterFunc(ctx, client.Interrupt)
		}
		if r.files[i], err = openNetConn(ctx, client, f.url); err != nil {
			r.Close()
			return nil, Explain(err, "opening the file", f.url)
		}
		r.at[i] = r.files[i]
	}
	return r, nil
}

// newNetConnNFSReader connects to the NFS server of the only file.
func newNetConnNFSReader(ctx context.Context, t *target, w Way) (reader, error) {
	if len(t.files) != 1 {
		return nil, errors.New("over NFS a net.Conn reads one file at a time")
	}
	f, err := openNFS(ctx, t.files[0].url)
	if err != nil {
		return nil, Explain(err, "connecting", t.files[0].url)
	}
	f.Bounce = w.Placement == PlacementCopy
	return &netConnReader{
		ctx: ctx, conn: f, files: make([]*netconn.File, 1), at: []io.ReaderAt{f}, stop: context.AfterFunc(ctx, f.Interrupt),
	}, nil
}

func (r *netConnReader) start(slot, file int, buf []byte, off int64) error {
	return r.conn.Start(netconn.Read{File: r.files[file], Buf: buf, Off: off, Tag: slot})
}

func (r *netConnReader) wait(done []completion, until time.Time) (int, error) {
	if !until.IsZero() {
		// Nothing yet: an end of the context is found out below.
		found, err := r.conn.Readable(until)
		if err == nil && !found && r.ctx.Err() == nil {
			return 0, nil
		}
	}
	read, err := r.conn.Next()
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

func (r *netConnReader) readv(file int, iovs [][]byte, off int64) (int, error) {
	n := 0
	for _, p := range iovs {
		k, err := r.at[file].ReadAt(p, off+int64(n))
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *netConnReader) counters() counters {
	return counters{syscalls: r.conn.Syscalls(), payload: r.payload, copied: r.conn.CopiedBytes()}
}

func (r *netConnReader) Close() error {
	r.stop()
	return r.conn.Close()
}
