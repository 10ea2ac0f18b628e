package bench

import (
	"context"
	"errors"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
)

// uringReader reads with the library, as its doc has it for many reads at once:
// one goroutine, one queue, each operation used again as soon as it is done.
type uringReader struct {
	ctx    context.Context
	volume *readv.Volume
	files  []*readv.File // by index in the target; nil: of another volume
	region *readv.Region
	queue  *readv.Queue
	ops    []readv.Op // by slot
	iovs   [][1][]byte
	done   []*readv.Op
}

func newUringReader(ctx context.Context, t *target, volume int, c *Config, w Way, arena *ring.Arena, maxDepth int) (reader, error) {
	url := t.volumes[volume]
	kind, err := transport.ParseEngineKind(w.Engine)
	if err != nil {
		return nil, err
	}
	v, err := readv.Dial(ctx, url, &readv.Options{
		FailFast: true, // a measurement with a pause in it is none
		Engine:   kind, Conns: c.Conns, Bounce: w.Placement == PlacementCopy, Plan: w.Plan, FixedBuffers: w.Fixed, Moderation: w.Moderation,
	})
	if err != nil {
		return nil, Explain(err, "connecting", url)
	}
	r := &uringReader{
		ctx: ctx, volume: v, files: make([]*readv.File, len(t.files)), queue: v.NewQueue(maxDepth),
		ops: make([]readv.Op, maxDepth), iovs: make([][1][]byte, maxDepth), done: make([]*readv.Op, maxDepth),
	}
	for i := range r.ops {
		r.ops[i].UserData, r.ops[i].Iovs = i, r.iovs[i][:]
	}
	if w.Fixed {
		if r.region, err = v.Register(arena.Bytes()); err != nil {
			r.Close()
			return nil, Explain(err, "registering buffers (--fixed=true)", url)
		}
	}
	for i, f := range t.files {
		if f.volume != volume {
			continue
		}
		if r.files[i], err = v.Open(ctx, f.name); err != nil {
			r.Close()
			return nil, Explain(err, "opening the file", f.url)
		}
	}
	return r, nil
}

func (r *uringReader) start(slot, file int, buf []byte, off int64) error {
	o := &r.ops[slot]
	r.iovs[slot][0] = buf
	o.File, o.Off = r.files[file], off
	// It leaves with the next wait: one system call for both.
	_, err := r.queue.Add(o)
	return err
}

func (r *uringReader) wait(done []completion, until time.Time) (int, error) {
	n, err := r.queue.WaitUntil(r.ctx, r.done[:len(done)], 1, until)
	if n == 0 && err != nil {
		// Interrupted: the buffers come back when every read has ended.
		for i := range r.ops {
			r.queue.Cancel(&r.ops[i])
		}
		n, err = r.queue.Wait(context.Background(), r.done[:len(done)], 1)
	}
	for i, o := range r.done[:n] {
		done[i] = completion{o.UserData.(int), o.N, o.Err}
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

func (r *uringReader) readv(file int, iovs [][]byte, off int64) (int, error) {
	return r.files[file].Readv(r.ctx, iovs, off)
}

func (r *uringReader) counters() counters {
	s := r.volume.Stats()
	aimed := report.Receives{Exact: s.ExactReceives, Overlap: s.OverlapReceives, Staged: s.StagedReceives, Speculative: s.SpeculativeReceives}
	return counters{s.Syscalls, s.PayloadBytes, s.CopiedBytes, aimed}
}

func (r *uringReader) Close() error {
	var err error
	if r.region != nil {
		err = r.region.Close()
	}
	return errors.Join(err, r.volume.Close())
}
