package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/ringreadv/ringreadv/bench/report"
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
func (s *session) measure(ctx context.Context, t *target, c *Config, d *digests, w Work, buffers []byte, each time.Duration) (report.Run, error) {
	lanes, err := s.lanes(t, w, buffers)
	if err != nil {
		return report.Run{}, err
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

	r := report.Run{Case: t.caseOf(s.way.Protocol, w), Way: s.way.reported(c.Conns)}
	r.Figures, err = figuresOf(lanes, elapsed, after.minus(before), spent)
	r.Verified = c.Verify && err == nil && r.Reads > 0
	return r, err
}

// caseOf is what a work reads, as reports have it.
func (t *target) caseOf(protocol string, w Work) report.Case {
	return report.Case{
		Server: t.serverName(), Protocol: protocol, Job: w.Job, Pattern: w.Pattern,
		BlockBytes: w.BlockBytes, Depth: w.Depth(), Files: len(t.files),
	}
}

// figuresOf sums up what lanes did in a time, and what that took. The error is the
// first of the lanes'.
func figuresOf(lanes []*lane, elapsed time.Duration, used usage, spent counters) (f report.Figures, err error) {
	f = report.Figures{
		Seconds: elapsed.Seconds(), CPUUserS: used.user.Seconds(), CPUSystemS: used.system.Seconds(),
		Wakeups: used.voluntary, Preemptions: used.involuntary,
		Own: &report.Own{Syscalls: spent.syscalls, PayloadBytes: spent.payload, CopiedBytes: spent.copied, Allocs: used.allocs, Receives: spent.receives},
	}
	latency := hdrhistogram.New(1, int64(maxLatency), latencyDigits)
	for _, l := range lanes {
		f.Reads += l.reads
		f.Bytes += l.bytes
		f.Errors += l.errors
		latency.Merge(l.latency)
		if err == nil {
			err = l.err
		}
	}
	f.Latency = latencyOf(latency)
	text, encoding := latency.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	f.Histogram = string(text)
	f.Derive()
	return f, errors.Join(err, encoding)
}

func latencyOf(h *hdrhistogram.Histogram) report.Latency {
	us := func(ns int64) float64 { return float64(ns) / 1e3 }
	at := func(percent float64) float64 { return us(h.ValueAtPercentile(percent)) }
	return report.Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: us(h.Max())}
}
