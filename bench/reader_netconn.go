package bench

import (
	"context"

	"github.com/ringreadv/ringreadv/bench/netconn"
)

// netConnReader reads with an ordinary net.Conn.
type netConnReader struct {
	ctx     context.Context
	client  *netconn.Client
	files   []*netconn.File // by index in the target; nil: of another volume
	payload uint64
	stop    func() bool
}

func newNetConnReader(ctx context.Context, t *target, volume int, w Way) (reader, error) {
	r := &netConnReader{ctx: ctx, files: make([]*netconn.File, len(t.files))}
	for i, f := range t.files {
		if f.volume != volume {
			continue
		}
		var err error
		if r.client == nil {
			if r.client, err = dialNetConn(ctx, f.url); err != nil {
				return nil, Explain(err, "connecting", f.url)
			}
			r.stop = context.AfterFunc(ctx, r.client.Interrupt)
		}
		if r.files[i], err = openNetConn(ctx, r.client, f.url); err != nil {
			r.Close()
			return nil, Explain(err, "opening the file", f.url)
		}
	}
	r.client.Bounce = w.Placement == PlacementCopy
	return r, nil
}

func (r *netConnReader) start(slot, file int, buf []byte, off int64) error {
	return r.client.Start(netconn.Read{File: r.files[file], Buf: buf, Off: off, Tag: slot})
}

func (r *netConnReader) wait(done []completion) (int, error) {
	read, err := r.client.Next()
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
		k, err := r.files[file].ReadAt(p, off+int64(n))
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *netConnReader) counters() counters {
	return counters{r.client.Syscalls(), r.payload, r.client.CopiedBytes()}
}

func (r *netConnReader) Close() error {
	r.stop()
	return r.client.Close()
}
