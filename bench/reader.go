package bench

import (
	"context"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/ring"
)

// reader is one way of reading at work on one volume or one connection. It is
// for one goroutine at a time.
type reader interface {
	// start begins a read of the file with this index in the target, for the
	// slot with this index.
	start(slot, file int, buf []byte, off int64) error
	// wait blocks until at least one read has ended or that time has come, if it is
	// not zero. There are reads in flight. An error ends them all.
	wait(done []completion, until time.Time) (int, error)
	// readv reads into several slices and returns when it is done. No other
	// read may be under way.
	readv(file int, iovs [][]byte, off int64) (int, error)
	counters() counters
	Close() error
}

// completion is a read that has ended.
type completion struct {
	slot int
	n    int
	err  error
}

// counters are totals of a reader since it was made.
type counters struct {
	syscalls, payload, copied uint64
	receives                  report.Receives
}

func (c counters) plus(d counters) counters {
	return counters{c.syscalls + d.syscalls, c.payload + d.payload, c.copied + d.copied, sumOf(c.receives, d.receives)}
}

func (c counters) minus(d counters) counters {
	return counters{c.syscalls - d.syscalls, c.payload - d.payload, c.copied - d.copied, differenceOf(c.receives, d.receives)}
}

func sumOf(r, o report.Receives) report.Receives {
	return report.Receives{Exact: r.Exact + o.Exact, Overlap: r.Overlap + o.Overlap, Staged: r.Staged + o.Staged, Speculative: r.Speculative + o.Speculative}
}

func differenceOf(r, o report.Receives) report.Receives {
	return report.Receives{Exact: r.Exact - o.Exact, Overlap: r.Overlap - o.Overlap, Staged: r.Staged - o.Staged, Speculative: r.Speculative - o.Speculative}
}

// session is one Way of reading a target, connected.
type session struct {
	way     Way
	target  *target // by the way's protocol
	readers []reader
	// byVolume are the indexes of the readers of each volume.
	byVolume [][]int
}

// openSession connects. The arena is where buffers will lie.
func openSession(ctx context.Context, t *target, c *Config, w Way, arena *ring.Arena, maxDepth int) (*session, error) {
	t, err := t.over(w.Protocol)
	if err != nil {
		return nil, err
	}
	s := &session{way: w, target: t, byVolume: make([][]int, len(t.volumes))}
	for v := range t.volumes {
		count, open := 1, func() (reader, error) { return newUringReader(ctx, t, v, c, w, arena, maxDepth) }
		if w.Engine == EngineNetConn {
			count, open = c.Conns, func() (reader, error) { return newNetConnReader(ctx, t, v, w) }
		}
		for range count {
			r, err := open()
			if err != nil {
				s.Close()
				return nil, err
			}
			s.byVolume[v] = append(s.byVolume[v], len(s.readers))
			s.readers = append(s.readers, r)
		}
	}
	return s, nil
}

func (s *session) counters() counters {
	var sum counters
	for _, r := range s.readers {
		sum = sum.plus(r.counters())
	}
	return sum
}

func (s *session) Close() error {
	var first error
	for _, r := range s.readers {
		if err := r.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
