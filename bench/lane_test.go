package bench

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench/report"
)

// virtual is a server that answers one read after another, each in a time of its own,
// by the clock of a bubble of synctest: there every time is exact. The real ones are
// in cmd/uringbench.
type virtual struct {
	service func(start time.Time) time.Duration
	free    time.Time // when it has answered what it has
	pending []virtualRead
	log     []virtualRead // by their starts
	most    int           // in flight
}

type virtualRead struct {
	slot, bytes int
	start, end  time.Time
}

func (v *virtual) start(slot, _ int, buf []byte, _ int64) error {
	now := time.Now()
	if v.free.Before(now) {
		v.free = now
	}
	v.free = v.free.Add(v.service(v.free))
	r := virtualRead{slot, len(buf), now, v.free}
	v.pending, v.log = append(v.pending, r), append(v.log, r)
	v.most = max(v.most, len(v.pending))
	return nil
}

func (v *virtual) wait(done []completion, until time.Time) (int, error) {
	next := v.pending[0].end
	if !until.IsZero() && until.Before(next) {
		next = until
	}
	time.Sleep(time.Until(next))
	n := 0
	for n < len(done) && len(v.pending) > 0 && !v.pending[0].end.After(time.Now()) {
		done[n] = completion{slot: v.pending[0].slot, n: v.pending[0].bytes}
		v.pending, n = v.pending[1:], n+1
	}
	return n, nil
}

func (v *virtual) readv(int, [][]byte, int64) (int, error) { return 0, nil }
func (v *virtual) counters() counters                      { return counters{} }
func (v *virtual) Close() error                            { return nil }

func virtualSleep(ctx context.Context, until time.Time) error {
	select {
	case <-time.After(time.Until(until)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// steady answers each read in the same time, but for a stall: whatever it gets
// between these two times after the start it answers after the second.
func steady(each, stallFrom, stallTo time.Duration) func(time.Time) time.Duration {
	begin := time.Now()
	return func(start time.Time) time.Duration {
		if at := start.Sub(begin); at >= stallFrom && at < stallTo {
			return stallTo - at + each
		}
		return each
	}
}

// play has streams read from virtual servers, each of one lane, and returns what a
// measurement of it would say.
func play(t *testing.T, ctx context.Context, servers []*virtual, streams ...Stream) (report.Figures, error) {
	t.Helper()
	s := &session{byVolume: make([][]int, 1)}
	for i, v := range servers {
		s.readers, s.byVolume[0] = append(s.readers, v), append(s.byVolume[0], i)
	}
	for i := range streams {
		st := &streams[i]
		st.Files, st.BlockMin, st.BlockMax = []int{0}, 1, 1
	}
	w := Work{Streams: streams}
	lanes, err := s.lanes(&target{files: []targetFile{{size: 1 << 30}}}, w, make([]byte, w.bufferBytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		l.sleep = virtualSleep
	}
	begun := time.Now()
	begin(lanes, begun, 0)
	f := &streamFeed{}
	defer context.AfterFunc(ctx, func() { f.stop.Store(true) })()
	runLanes(ctx, lanes, f)
	return figuresOf(lanes, time.Since(begun), usage{}, counters{})
}

// us are the microseconds of a report, to compare with.
func us(d time.Duration) float64 { return float64(d) / 1e3 }

// near allows for the histogram's three digits.
func near(got float64, want time.Duration) bool {
	return got >= 0.998*us(want) && got <= 1.002*us(want)
}

// One read at a time, due each millisecond, of a server that needs 0.1 ms and stalls
// for 200 ms: which read starts when, and what is recorded of it, is reckoned here by
// hand.
func TestOpenLoopStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each, period, reads = 100 * time.Microsecond, time.Millisecond, 1000
		begun := time.Now()
		v := &virtual{service: steady(each, 500*time.Millisecond, 700*time.Millisecond)}
		f, err := play(t, t.Context(), []*virtual{v}, Stream{Depth: 1, RatePerS: int(time.Second / period), TimeBased: true, Runtime: reads * period})
		if err != nil || f.Reads != reads || f.Missed != 0 {
			t.Fatalf("%d reads, %d missed, %v; want %d", f.Reads, f.Missed, err, reads)
		}
		var starts, latencies, services []time.Duration
		free := time.Duration(0)
		for i := range reads {
			due := time.Duration(i) * period
			start := max(due, free)
			free = start + each
			if start >= 500*time.Millisecond && start < 700*time.Millisecond {
				free = 700*time.Millisecond + each
			}
			starts, latencies, services = append(starts, start), append(latencies, free-due), append(services, free-start)
		}
		var got []time.Duration
		for _, r := range v.log {
			got = append(got, r.start.Sub(begun))
		}
		if diff := cmp.Diff(starts, got); diff != "" {
			t.Fatalf("starts (-want +got):\n%s", diff)
		}
		slices.Sort(latencies)
		slices.Sort(services)
		for _, c := range []struct {
			what string
			got  float64
			want time.Duration
		}{
			{"p50", f.Latency.P50, latencies[reads/2-1]}, {"p90", f.Latency.P90, latencies[reads*90/100-1]},
			{"p99", f.Latency.P99, latencies[reads*99/100-1]}, {"max", f.Latency.Max, latencies[reads-1]},
			{"service p50", f.Service.P50, services[reads/2-1]}, {"service p99", f.Service.P99, services[reads*99/100-1]}, {"service max", f.Service.Max, services[reads-1]},
		} {
			if !near(c.got, c.want) {
				t.Errorf("%s: %v µs, want %v", c.what, c.got, us(c.want))
			}
		}
		// What all this is for: a fifth of those who wanted a read had to wait for
		// long, of which the reads that were under way know nothing.
		if f.Latency.P90 < us(90*time.Millisecond) || f.Service.P99 > us(each)*1.01 {
			t.Errorf("latency p90 %v µs, service p99 %v µs", f.Latency.P90, f.Service.P99)
		}
	})
}

// The same server, asked by a loop that waits for each answer: the stall is one read
// of thousands, which is why there is a rate.
func TestClosedLoopHidesStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &virtual{service: steady(100*time.Microsecond, 500*time.Millisecond, 700*time.Millisecond)}
		f, err := play(t, t.Context(), []*virtual{v}, Stream{Depth: 1, TimeBased: true, Runtime: time.Second})
		if err != nil || f.Service != nil || f.Reads != 8000 || !near(f.Latency.P999, 100*time.Microsecond) || !near(f.Latency.Max, 200*time.Millisecond+100*time.Microsecond) {
			t.Errorf("%v, %d reads, %+v, service %v", err, f.Reads, f.Latency, f.Service)
		}
	})
}

// What cannot be reached is counted.
func TestOpenLoopOverload(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var servers []*virtual
			for range lanes {
				servers = append(servers, &virtual{service: steady(time.Duration(lanes)*100*time.Microsecond, 0, 0)})
			}
			f, err := play(t, t.Context(), servers, Stream{Depth: 6, RatePerS: 20_000, TimeBased: true, Runtime: time.Second})
			if err != nil || f.Reads+f.Missed != 20_000 || f.Reads < 9_900 || f.Reads > 10_100 {
				t.Errorf("%d lanes: %v, %d reads and %d missed, want some 10000 of each", lanes, err, f.Reads, f.Missed)
			}
			for _, v := range servers {
				if v.most != 6/lanes {
					t.Errorf("%d lanes: %d in flight on one", lanes, v.most)
				}
			}
		})
	}
}

// A server that stalls and is still silent at the end: reads that waited for it in vain
// are as slow as anybody knows, not left out.
func TestOpenLoopStallsToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &virtual{service: steady(100*time.Microsecond, 500*time.Millisecond, 700*time.Millisecond)}
		f, err := play(t, t.Context(), []*virtual{v}, Stream{Depth: 1, RatePerS: 1000, TimeBased: true, Runtime: 600 * time.Millisecond})
		if err != nil || f.Reads != 501 || f.Missed != 99 {
			t.Fatalf("%v, %d reads, %d missed, want 501 and 99", err, f.Reads, f.Missed)
		}
		// Of 600 reads 500 took 0.1 ms, 99 had waited 1 to 99 ms, and one took 200 ms.
		near := func(us, want float64) bool { return us > want*0.99 && us < want*1.01 }
		if l := f.Latency; !near(l.P50, 100) || !near(l.P90, 40_000) || !near(l.P99, 94_000) || !near(l.Max, 200_100) {
			t.Errorf("%+v", l)
		}
		if s := f.Service; !near(s.P99, 100) || !near(s.Max, 200_100) {
			t.Errorf("service %+v", s)
		}
	})
}

// Reads per second are those of all the time that was asked for, not of the time until
// the last one.
func TestOpenLoopLastsItsTime(t *testing.T) {
	for lanes := range 3 {
		synctest.Test(t, func(t *testing.T) {
			var servers []*virtual
			for range lanes + 1 {
				servers = append(servers, &virtual{service: steady(time.Millisecond, 0, 0)})
			}
			f, err := play(t, t.Context(), servers, Stream{Depth: 4, RatePerS: 20, TimeBased: true, Runtime: 130 * time.Millisecond})
			if err != nil || f.Reads != 3 || f.Missed != 0 || f.Seconds != 0.13 {
				t.Errorf("%d lanes: %v, %d reads, %d missed in %v s, want 3 in 0.13 s", lanes+1, err, f.Reads, f.Missed, f.Seconds)
			}
		})
	}
}

// However many lanes there are, reads start at regular times; a stream that has read
// its size has missed nothing.
func TestOpenLoopOverLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		servers := []*virtual{{service: steady(time.Microsecond, 0, 0)}, {service: steady(time.Microsecond, 0, 0)}, {service: steady(time.Microsecond, 0, 0)}}
		f, err := play(t, t.Context(), servers, Stream{Depth: 5, RatePerS: 700, SizeBytes: 1000, Runtime: time.Minute})
		if err != nil || f.Reads != 1000 || f.Missed != 0 {
			t.Errorf("%v, %d reads, %d missed", err, f.Reads, f.Missed)
		}
		var starts []time.Duration
		for _, v := range servers {
			for _, r := range v.log {
				starts = append(starts, r.start.Sub(begun))
			}
		}
		slices.Sort(starts)
		for i, at := range starts {
			if want := time.Duration(i) * time.Second / 700; at != want {
				t.Fatalf("read %d starts at %v, want %v", i, at, want)
			}
		}
	})
}

func TestThink(t *testing.T) {
	for _, blocks := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			const think, service, limit = 10 * time.Millisecond, time.Millisecond, time.Second
			begun := time.Now()
			// The second server stays idle: pauses are of the whole stream.
			servers := []*virtual{{service: steady(service, 0, 0)}, {}}
			f, err := play(t, t.Context(), servers, Stream{Depth: 8, Think: think, ThinkBlocks: blocks, TimeBased: true, Runtime: limit})
			if err != nil {
				t.Fatal(err)
			}
			v := servers[0]
			period := think + time.Duration(blocks)*service
			if want := int64(blocks) * int64((limit+period-1)/period); f.Reads != want || v.most != blocks {
				t.Errorf("%d reads with %d in flight, want %d with %d", f.Reads, v.most, want, blocks)
			}
			if took := time.Since(begun); took >= limit {
				t.Errorf("it took %v: a pause that ends later is no reason to wait", took)
			}
			for i, r := range v.log {
				if want := time.Duration(i/blocks) * period; r.start.Sub(begun) != want {
					t.Fatalf("read %d starts at %v, want %v", i, r.start.Sub(begun), want)
				}
			}
		})
	}
}

// The work ends with its last stream; each of them at its size or its time.
func TestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		v := &virtual{service: steady(time.Millisecond, 0, 0)}
		f, err := play(t, t.Context(), []*virtual{v},
			Stream{Depth: 2, SizeBytes: 30},
			Stream{Depth: 1, SizeBytes: 100, Runtime: time.Hour},
			Stream{Depth: 1, SizeBytes: 7, Runtime: 50 * time.Millisecond, TimeBased: true},
		)
		if err != nil || f.Seconds != time.Since(begun).Seconds() {
			t.Errorf("%v, %v s", err, f.Seconds)
		}
		perStream := make(map[int]int) // slots are dealt in the order of streams
		var last time.Duration
		for _, r := range v.log {
			stream := max(r.slot-1, 0)
			perStream[stream]++
			if stream == 2 {
				last = r.start.Sub(begun)
			}
		}
		if perStream[0] != 30 || perStream[1] != 100 || perStream[2] < 8 || last >= 50*time.Millisecond || last < 40*time.Millisecond {
			t.Errorf("reads of the streams: %v, the last of the third at %v", perStream, last)
		}
	})
}

func TestInterruptedPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		begun := time.Now()
		v := &virtual{service: steady(time.Millisecond, 0, 0)}
		_, err := play(t, ctx, []*virtual{v}, Stream{Depth: 2, Think: time.Hour, ThinkBlocks: 1})
		if err == nil || time.Since(begun) != time.Second || len(v.log) != 1 {
			t.Errorf("%v, %v, %d reads", err, time.Since(begun), len(v.log))
		}
	})
}

func TestSleeper(t *testing.T) {
	var s sleeper
	for _, d := range []time.Duration{-time.Second, 0, 50 * time.Microsecond, 3 * time.Millisecond} {
		until := time.Now().Add(d)
		if err := s.until(t.Context(), until); err != nil || time.Until(until) > 0 {
			t.Errorf("%v: %v, %v early", d, err, time.Until(until))
		}
	}
	if n := testing.AllocsPerRun(20, func() { s.until(t.Context(), time.Now().Add(1200*time.Microsecond)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	ctx, stop := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, stop)
	if err := s.until(ctx, time.Now().Add(time.Hour)); err == nil {
		t.Error("it slept for an hour")
	}
}
