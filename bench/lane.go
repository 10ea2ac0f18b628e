package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// lane is one reader kept busy by one goroutine.
type lane struct {
	reader reader
	slots  []*slot
	done   []completion

	latency *hdrhistogram.Histogram // nanoseconds
	reads   int64
	bytes   int64
	errors  int
	err     error // the first
}

// slot is a place for one read in flight.
type slot struct {
	index   int
	buf     []byte
	files   []int // it reads from in turn
	turn    int
	file    int
	off     int64
	n       int
	started time.Time
}

// feed says what to read next. It is used by all lanes at once.
type feed interface {
	// next sets the slot's file, off and n; false: no more.
	next(s *slot, now time.Time) bool
	// check reports whether a finished read brought the right bytes.
	check(s *slot) error
}

// Latencies that the histogram tells apart.
const (
	maxLatency    = 2 * time.Minute
	latencyDigits = 3
)

// lanes deals the work out to the readers of a session: slots to files as
// [Work.Depths] wants it, those of one volume to its readers in turn.
func (s *session) lanes(t *target, w Work, buffers []byte) ([]*lane, error) {
	files := make([][]int, len(t.volumes)) // of each volume
	for i, f := range t.files {
		files[f.volume] = append(files[f.volume], i)
	}
	slots := make([][]*slot, len(t.volumes))
	if len(w.Depths) > 1 {
		for i, depth := range w.Depths {
			file := i % len(t.files)
			v := t.files[file].volume
			for range depth {
				slots[v] = append(slots[v], &slot{files: []int{file}})
			}
		}
	} else if err := deal(slots, files, w.Depths[0]); err != nil {
		return nil, err
	}
	lanes := make([]*lane, len(s.readers))
	for i, r := range s.readers {
		lanes[i] = &lane{reader: r, latency: hdrhistogram.New(1, int64(maxLatency), latencyDigits)}
	}
	for v := range slots {
		for i, sl := range slots[v] {
			l := lanes[s.byVolume[v][i%len(s.byVolume[v])]]
			sl.index = len(l.slots)
			sl.buf, buffers = buffers[:w.BlockBytes:w.BlockBytes], buffers[w.BlockBytes:]
			l.slots = append(l.slots, sl)
		}
	}
	for _, l := range lanes {
		l.done = make([]completion, max(len(l.slots), 1))
	}
	return lanes, nil
}

// deal makes depth slots, as many for one volume as for another, and spreads
// them over its files; with fewer slots than files each takes some in turn.
func deal(slots [][]*slot, files [][]int, depth int) error {
	if depth < len(files) {
		return fmt.Errorf("%d reads in flight are too few for files on %d volumes; raise --depth", depth, len(files))
	}
	for v, list := range files {
		count := depth / len(files)
		if v < depth%len(files) {
			count++
		}
		for i := range count {
			s := &slot{}
			for f := i % len(list); f < len(list); f += count {
				s.files = append(s.files, list[f])
			}
			slots[v] = append(slots[v], s)
		}
	}
	return nil
}

// runLanes works until the feed ends and every read with it.
func runLanes(ctx context.Context, lanes []*lane, f feed) {
	if len(lanes) == 1 {
		lanes[0].run(ctx, f)
		return
	}
	var all sync.WaitGroup
	for _, l := range lanes {
		all.Go(func() { l.run(ctx, f) })
	}
	all.Wait()
}

// run allocates nothing: allocations are measured.
func (l *lane) run(ctx context.Context, f feed) {
	inFlight := 0
	now := time.Now()
	for _, s := range l.slots {
		if l.start(f, s, now) {
			inFlight++
		}
	}
	for inFlight > 0 {
		n, err := l.reader.wait(l.done)
		if err != nil {
			l.failed(err)
			return
		}
		now = time.Now()
		for _, c := range l.done[:n] {
			s := l.slots[c.slot]
			l.ended(f, s, c, now)
			if !l.start(f, s, now) {
				inFlight--
			}
		}
	}
	if err := ctx.Err(); err != nil {
		l.failed(err)
	}
}

// start begins the slot's next read. After an error there is none.
func (l *lane) start(f feed, s *slot, now time.Time) bool {
	if l.errors > 0 || !f.next(s, now) {
		return false
	}
	s.started = now
	if err := l.reader.start(s.index, s.file, s.buf[:s.n], s.off); err != nil {
		l.failed(err)
		return false
	}
	return true
}

func (l *lane) ended(f feed, s *slot, c completion, now time.Time) {
	switch {
	case c.err != nil:
		l.failed(c.err)
		return
	case c.n != s.n:
		l.failed(fmt.Errorf("a read of %d bytes at %d brought %d", s.n, s.off, c.n))
		return
	}
	if err := f.check(s); err != nil {
		l.failed(err)
		return
	}
	l.reads++
	l.bytes += int64(c.n)
	// Beyond the histogram's range it is a read that timed out anyway.
	_ = l.latency.RecordValue(int64(min(now.Sub(s.started), maxLatency)))
}

func (l *lane) failed(err error) {
	l.errors++
	if l.err == nil {
		l.err = err
	}
}

// clear forgets what was measured.
func (l *lane) clear() {
	l.reads, l.bytes = 0, 0
	l.latency.Reset()
}
