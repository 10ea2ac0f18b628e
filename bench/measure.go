package bench

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/ringreadv/ringreadv/bench/report"
)

// streamFeed has streams go their courses.
type streamFeed struct {
	digests *digests
	verify  bool
	stop    atomic.Bool // ends it early
}

func (f *streamFeed) next(s *slot) bool { return !f.stop.Load() && s.part.course.next(s) }

func (f *streamFeed) check(s *slot) error {
	if !f.verify {
		return nil
	}
	return f.digests.check(s.buf[:s.n], s.file, s.off)
}

// begin starts the clocks of all streams. Of timed ones each is theirs, of others a
// limit only for what comes before measuring.
func begin(lanes []*lane, now time.Time, each time.Duration) {
	for _, l := range lanes {
		for _, p := range l.parts {
			limit, endless := p.stream.Runtime, p.stream.TimeBased
			if each > 0 {
				limit, endless = each, true
			}
			var until time.Time
			if limit > 0 {
				until = now.Add(limit)
			}
			p.begin(now, until, endless)
		}
	}
}

// measure reads for a while to warm up, a tenth of the time if each measurement is to
// take one, and then does the work.
func (s *session) measure(ctx context.Context, t *target, c *Config, d *digests, w Work, buffers []byte, each time.Duration) (report.Run, error) {
	lanes, err := s.lanes(t, w, buffers)
	if err != nil {
		return report.Run{}, err
	}
	f := &streamFeed{digests: d, verify: c.Verify}
	defer context.AfterFunc(ctx, func() { f.stop.Store(true) })()
	warm := each / 10
	if !w.Timed {
		warm, each = w.Ramp, 0
	}
	if warm > 0 {
		begin(lanes, time.Now(), warm)
		runLanes(ctx, lanes, f)
		for _, l := range lanes {
			l.clear()
		}
	}
	runtime.GC() // so that no garbage of before is collected meanwhile

	before, counted := usageNow(), s.counters()
	start := time.Now()
	begin(lanes, start, each)
	runLanes(ctx, lanes, f)
	elapsed := time.Since(start)
	after, spent := usageNow(), s.counters().minus(counted)

	r := report.Run{Case: w.reported(t.serverName(), s.way.Protocol), Way: s.way.reported(c.Conns)}
	r.Figures, err = figuresOf(lanes, elapsed, after.minus(before), spent)
	r.Verified = c.Verify && err == nil && r.Reads > 0
	return r, err
}

// figuresOf sums up what lanes did in a time, and what that took. The error is the
// first of the lanes'.
func figuresOf(lanes []*lane, elapsed time.Duration, used usage, spent counters) (f report.Figures, err error) {
	f = report.Figures{
		Seconds: elapsed.Seconds(), CPUUserS: used.user.Seconds(), CPUSystemS: used.system.Seconds(),
		Wakeups: used.voluntary, Preemptions: used.involuntary,
		Own: &report.Own{Syscalls: spent.syscalls, PayloadBytes: spent.payload, CopiedBytes: spent.copied, Allocs: used.allocs, Receives: spent.receives},
	}
	all := newTimes(lanes[0].times.service != nil)
	for _, l := range lanes {
		f.Reads += l.reads
		f.Bytes += l.bytes
		f.Errors += l.errors
		for _, p := range l.parts {
			f.Missed += p.missed
			all.recordMissed(p)
		}
		all.merge(l.times)
		if err == nil {
			err = l.err
		}
	}
	f.Latency = latencyOf(all.latency)
	if all.service != nil {
		service := latencyOf(all.service)
		f.Service = &service
	}
	text, encoding := all.latency.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	f.Histogram = string(text)
	f.Derive()
	return f, errors.Join(err, encoding)
}

func latencyOf(h *hdrhistogram.Histogram) report.Latency {
	us := func(ns int64) float64 { return float64(ns) / 1e3 }
	at := func(percent float64) float64 { return us(h.ValueAtPercentile(percent)) }
	return report.Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: us(h.Max())}
}
