package bench

import (
	"context"
	"io"
	"sync"
	"time"
)

// lane is one reader kept busy by one goroutine.
type lane struct {
	reader   reader
	files    []targetFile
	parts    []*part
	slots    []*slot
	done     []completion
	inFlight int
	sleep    func(ctx context.Context, until time.Time) error

	times  times
	reads  int64
	bytes  int64
	errors int
	err    error // the first
}

// feed says what to read next. It is used by all lanes at once.
type feed interface {
	// next sets the slot's file, off and n; false: no more.
	next(s *slot) bool
	// check reports whether a finished read brought the right bytes.
	check(s *slot) error
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
	now := time.Now()
	for {
		wake := l.fill(f, now)
		if l.inFlight == 0 && wake.IsZero() {
			break
		}
		n, err := l.wait(ctx, wake)
		if err != nil {
			l.failed(err)
			return
		}
		now = time.Now()
		for _, c := range l.done[:n] {
			l.ended(f, l.slots[c.slot], c, now)
		}
	}
	if err := ctx.Err(); err != nil {
		l.failed(err)
	}
}

// wait blocks until a read has ended, or until a time; zero: never.
func (l *lane) wait(ctx context.Context, until time.Time) (int, error) {
	if l.inFlight == 0 {
		return 0, l.sleep(ctx, until)
	}
	return l.reader.wait(l.done, until)
}

// fill starts all reads that may start now, and tells when the next may if no other
// ends before; zero: none, then.
func (l *lane) fill(f feed, now time.Time) (wake time.Time) {
	for _, p := range l.parts {
		if at := l.fillPart(p, f, now); !at.IsZero() && (wake.IsZero() || at.Before(wake)) {
			wake = at
		}
	}
	return wake
}

// fillPart does so for a part. After an error no read starts.
func (l *lane) fillPart(p *part, f feed, now time.Time) (wake time.Time) {
	for l.errors == 0 {
		due, may := p.allow(now)
		if !may {
			return due
		}
		s := p.start(now, due)
		if !f.next(s) {
			p.over = true
			p.end(s, p.pacer.ended)
			break
		}
		if err := l.reader.start(s.index, s.file, s.buf[:s.n], s.off); err != nil {
			p.end(s, now)
			l.failed(err)
			break
		}
		l.inFlight++
	}
	return time.Time{}
}

func (l *lane) ended(f feed, s *slot, c completion, now time.Time) {
	l.inFlight--
	s.part.end(s, now)
	switch {
	case c.err != nil && c.err != io.EOF: // which the library says where others do not
		l.failed(c.err)
		return
	case c.n != s.n:
		l.failed(&ShortReadError{URL: l.files[s.file].url, Off: s.off, Bytes: s.n, Got: c.n})
		return
	}
	if err := f.check(s); err != nil {
		l.failed(err)
		return
	}
	l.reads++
	l.bytes += int64(c.n)
	l.times.record(s, now)
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
	l.times.reset()
}
