package bench

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// timedFeed reads blocks for a while.
type timedFeed struct {
	digests *digests
	verify  bool
	stop    *atomic.Bool // ends it early
	until   time.Time
	block   int64
	random  bool
	blocks  []int64        // of each file
	at      []atomic.Int64 // of each file, the next block if in order
}

func (f *timedFeed) next(s *slot, now time.Time) bool {
	if f.stop.Load() || !now.Before(f.until) {
		return false
	}
	s.file = s.files[s.turn%len(s.files)]
	s.turn++
	n := f.blocks[s.file]
	if f.random {
		s.off = rand.Int64N(n) * f.block
	} else {
		s.off = (f.at[s.file].Add(1) - 1) % n * f.block
	}
	s.n = int(f.block)
	return true
}

func (f *timedFeed) check(s *slot) error {
	if !f.verify {
		return nil
	}
	return f.digests.check(s.buf[:s.n], s.file, s.off)
}

// measure reads for a tenth of the time to warm up, and then for the time.
func (s *session) measure(ctx context.Context, t *target, c *Config, d *digests, w Work, buffers []byte, each time.Duration) (Run, error) {
	lanes, err := s.lanes(t, w, buffers)
	if err != nil {
		return Run{}, err
	}
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	f := &timedFeed{
		digests: d, verify: c.Verify, stop: &stop, block: int64(w.BlockBytes), random: w.Pattern == PatternRand,
		blocks: make([]int64, len(t.files)), at: make([]atomic.Int64, len(t.files)),
	}
	for i := range f.blocks {
		f.blocks[i] = t.files[i].size / f.block
	}
	f.until = time.Now().Add(each / 10)
	runLanes(ctx, lanes, f)
	for _, l := range lanes {
		l.clear()
	}
	runtime.GC() // so that no garbage of before is collected meanwhile

	before, counted := usageNow(), s.counters()
	start := time.Now()
	f.until = start.Add(each)
	runLanes(ctx, lanes, f)
	elapsed := time.Since(start)
	after, spent := usageNow(), s.counters().minus(counted)

	r := Run{
		Job: w.Job, Target: t.files[0].url, Protocol: s.way.Protocol, Engine: s.way.Engine, Placement: s.way.Placement, Plan: s.way.planName(), Fixed: s.way.Fixed,
		BlockBytes: w.BlockBytes, Depth: w.Depth(), Files: len(t.files), Conns: c.Conns, Pattern: w.Pattern,
		Seconds: elapsed.Seconds(), CPUUserS: (after.user - before.user).Seconds(), CPUSysS: (after.system - before.system).Seconds(),
	}
	err = r.add(lanes, spent, after.allocs-before.allocs)
	r.Verified = c.Verify && err == nil && r.Reads > 0
	return r, err
}

// add fills in what follows from the lanes' sums.
func (r *Run) add(lanes []*lane, spent counters, allocs uint64) (err error) {
	latency := hdrhistogram.New(1, int64(maxLatency), latencyDigits)
	for _, l := range lanes {
		r.Reads += l.reads
		r.Bytes += l.bytes
		r.Errors += l.errors
		latency.Merge(l.latency)
		if err == nil {
			err = l.err
		}
	}
	us := func(ns int64) float64 { return float64(ns) / 1e3 }
	at := func(percent float64) float64 { return us(latency.ValueAtPercentile(percent)) }
	r.Latency = Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: us(latency.Max())}
	r.MiBPerS = float64(r.Bytes) / (1 << 20) / r.Seconds
	r.IOPS = float64(r.Reads) / r.Seconds
	if r.Reads == 0 {
		return err // per read there is nothing
	}
	reads, cpu := float64(r.Reads), r.CPUUserS+r.CPUSysS
	r.CPUSPerGiB = cpu / (float64(r.Bytes) / (1 << 30))
	r.CPUUsPerRead = cpu * 1e6 / reads
	r.SyscallsPer = float64(spent.syscalls) / reads
	r.Receives = spent.receives
	if spent.payload > 0 {
		r.CopiedPerByte = float64(spent.copied) / float64(spent.payload)
	}
	r.AllocsPerRead = float64(allocs) / reads
	return err
}
