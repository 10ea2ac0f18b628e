package bench

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// Contender is one Way of reading one file, connected, for comparison with other
// programs: it implements [peers.Reader].
type Contender struct {
	ctx     context.Context
	target  *target
	session *session
	work    Work
	block   int64
	arena   *ring.Arena
	buffers []byte
	next    atomic.Int64 // block
}

// NewContender connects. Of the way the protocol is the URL's. Reads are of blocks,
// depth in flight.
func NewContender(ctx context.Context, rawURL string, w Way, block, depth, conns int) (*Contender, error) {
	found, err := Look(ctx, rawURL, transport.EngineAuto)
	if err != nil {
		return nil, err
	}
	size := found.Info.Size()
	if err := found.Volume.Close(); err != nil {
		return nil, err
	}
	w.Protocol = ProtocolOf(rawURL)
	config := Config{
		URLs: []string{rawURL}, Blocks: []int{block}, Depths: []int{depth}, Files: 1, SizeBytes: size, Conns: conns,
		Patterns: []string{PatternSeq}, Placements: []string{w.Placement}, Engines: []string{w.Engine},
		Plans: []transport.Plan{w.Plan}, Fixed: []bool{w.Fixed}, Repeat: 1,
	}
	c := &Contender{
		ctx: ctx, block: int64(block), work: config.matrixWork(1, block, depth, PatternSeq),
		target: &target{files: []targetFile{{url: rawURL, name: found.Name, size: size}}, volumes: []string{found.Dir}},
	}
	if size < int64(block) || block < 1 || depth < 1 {
		return nil, fmt.Errorf("blocks of %d bytes, %d in flight, of a file of %d", block, depth, size)
	}
	if c.arena, c.buffers, err = newBuffers(block * depth); err != nil {
		return nil, err
	}
	if c.session, err = openSession(ctx, c.target, &config, w, c.arena, depth); err != nil {
		return nil, errors.Join(err, c.free())
	}
	return c, nil
}

// Run implements [peers.Reader].
func (c *Contender) Run(d time.Duration) (peers.Result, error) {
	lanes, err := c.session.lanes(c.target, c.work, c.buffers)
	if err != nil {
		return peers.Result{}, err
	}
	runtime.GC() // so that no garbage of before is collected meanwhile
	stats, counted := c.session.stats(), c.session.counters()
	before := usageNow()
	start := time.Now()
	runLanes(c.ctx, lanes, &contenderFeed{c: c, until: start.Add(d)})
	elapsed := time.Since(start)
	after := usageNow()
	spent := c.session.counters().minus(counted)

	f, err := figuresOf(lanes, elapsed, after.minus(before), spent)
	f.Own.Stats = growth(stats, c.session.stats())
	ns := func(us float64) uint64 { return uint64(us * 1e3) }
	return peers.Result{
		Reads: uint64(f.Reads), Bytes: uint64(f.Bytes), NS: uint64(elapsed), Wakeups: f.Wakeups, Preemptions: f.Preemptions,
		UserUS: (after.user - before.user).Microseconds(), SystemUS: (after.system - before.system).Microseconds(),
		P50NS: ns(f.Latency.P50), P90NS: ns(f.Latency.P90), P99NS: ns(f.Latency.P99), P999NS: ns(f.Latency.P999), MaxNS: ns(f.Latency.Max),
		Histogram: f.Histogram, Own: f.Own,
	}, err
}

// Check implements [peers.Reader].
func (c *Contender) Check(off int64, blocks int) (peers.Sum, error) {
	lanes, err := c.session.lanes(c.target, c.work, c.buffers)
	if err != nil {
		return 0, err
	}
	f := &contenderFeed{c: c, counting: true}
	f.left.Store(int64(blocks))
	c.next.Store(off / c.block)
	runLanes(c.ctx, lanes, f)
	_, err = figuresOf(lanes, 0, usage{}, counters{})
	return peers.Sum(f.sum.Load()), err
}

// Close disconnects.
func (c *Contender) Close() error {
	if err := c.session.Close(); err != nil {
		return err // the kernel may still hold the memory: it stays
	}
	return c.free()
}

func (c *Contender) free() error {
	c.arena.Put(c.buffers)
	return c.arena.Close()
}

// contenderFeed reads the file in order: for a while, or so many blocks, of which it
// makes the sum.
type contenderFeed struct {
	c        *Contender
	until    time.Time
	counting bool
	left     atomic.Int64
	sum      atomic.Uint64
}

func (f *contenderFeed) next(s *slot) bool {
	if f.counting && f.left.Add(-1) < 0 || !f.counting && !s.started.Before(f.until) {
		return false
	}
	n := f.c.block
	s.off = (f.c.next.Add(1) - 1) % (f.c.target.files[0].size / n) * n
	s.n = int(n)
	return true
}

func (f *contenderFeed) check(s *slot) error {
	if f.counting {
		var one peers.Sum
		one.Add(s.buf[:s.n], s.off)
		f.sum.Add(uint64(one))
	}
	return nil
}

// stats are the library's counters; nil if another engine reads.
func (s *session) stats() *transport.Stats {
	if r, ok := s.readers[0].(*uringReader); ok {
		v := r.volume.Stats()
		return &v
	}
	return nil
}

// growth is by how much each counter grew. What are no counters but gauges is left out.
func growth(before, after *transport.Stats) map[string]uint64 {
	if before == nil {
		return nil
	}
	by := make(map[string]uint64)
	a, b := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	for i := range a.NumField() {
		if a.Field(i).CanUint() {
			by[a.Type().Field(i).Name] = b.Field(i).Uint() - a.Field(i).Uint()
		}
	}
	return by
}

// NFSHandle looks up what a program has to be told that can read NFS but not mount it:
// where the server is, host:port, and what it calls the file.
func NFSHandle(ctx context.Context, rawURL string) (address string, h nfs3.FileHandle, err error) {
	f, err := openNFS(ctx, rawURL)
	if err != nil {
		return "", h, Explain(err, "looking up the file's handle", rawURL)
	}
	return f.Addr().String(), f.Handle(), f.Close()
}
