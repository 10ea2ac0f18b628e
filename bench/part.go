package bench

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// slot is a place for one read in flight.
type slot struct {
	index   int // in the lane
	part    *part
	buf     []byte
	file    int
	off     int64
	n       int
	due     time.Time
	started time.Time
}

// part is what of a stream goes by one lane.
type part struct {
	stream   *Stream
	course   *course
	pacer    pacer
	until    time.Time // no read starts from then on; zero: never
	idle     []*slot
	inFlight int
	over     bool  // it starts no read any more
	missed   int64 // reads that were due before the end and not started
}

// begin lets it start reads from then on and until a time; zero: until all is read.
func (p *part) begin(now, until time.Time, endless bool) {
	p.pacer.reset(now)
	p.course.rewind(endless)
	p.until, p.over, p.missed = until, false, 0
}

// endsBy reports whether no read starts at that time any more.
func (p *part) endsBy(t time.Time) bool { return !p.until.IsZero() && !t.Before(p.until) }

// allow reports whether a read may start now, and since when it is due. If it may not,
// due is when to ask again; zero: when a read has ended, if ever.
func (p *part) allow(now time.Time) (due time.Time, may bool) {
	if p.over || len(p.idle) == 0 {
		return time.Time{}, false
	}
	if p.endsBy(now) {
		p.over, p.missed = true, p.pacer.missed(p.until)
		return time.Time{}, false
	}
	due, may = p.pacer.next(now, p.inFlight)
	if !may && p.endsBy(due) && !due.IsZero() {
		if p.pacer.rate > 0 {
			// So many reads each second were asked for, and the seconds count.
			return p.until, false
		}
		p.over = true
		due = time.Time{}
	}
	return due, may
}

// start takes a slot for a read that is due.
func (p *part) start(now, due time.Time) *slot {
	s := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	s.started, s.due = now, due
	p.inFlight++
	p.pacer.start()
	return s
}

// end gives the slot back.
func (p *part) end(s *slot, now time.Time) {
	p.inFlight--
	p.idle = append(p.idle, s)
	p.pacer.end(now)
}

// Latencies that the histograms tell apart.
const (
	maxLatency    = 2 * time.Minute
	latencyDigits = 3
)

// times are how long reads took, in nanoseconds.
type times struct {
	latency *hdrhistogram.Histogram // from when they were due
	service *hdrhistogram.Histogram // from their start; nil: that is the same
}

func newTimes(rated bool) times {
	t := times{latency: hdrhistogram.New(1, int64(maxLatency), latencyDigits)}
	if rated {
		t.service = hdrhistogram.New(1, int64(maxLatency), latencyDigits)
	}
	return t
}

// record takes in a read that ended now.
func (t times) record(s *slot, now time.Time) {
	// Beyond the range it is a read that timed out anyway.
	_ = t.latency.RecordValue(int64(min(now.Sub(s.due), maxLatency)))
	if t.service != nil {
		_ = t.service.RecordValue(int64(min(now.Sub(s.started), maxLatency)))
	}
}

// recordMissed takes in the reads of a part that were due and not started: they would
// have taken at least what they had waited when it ended. Of very many some stand for
// all.
func (t times) recordMissed(p *part) {
	const some = 100_000
	each := p.missed/some + 1
	for i := int64(0); i < p.missed; i += each {
		waited := p.until.Sub(p.pacer.due(p.pacer.started + int(i)))
		_ = t.latency.RecordValues(int64(min(waited, maxLatency)), min(each, p.missed-i))
	}
}

func (t times) merge(o times) {
	t.latency.Merge(o.latency)
	if t.service != nil {
		t.service.Merge(o.service)
	}
}

func (t times) reset() {
	t.latency.Reset()
	if t.service != nil {
		t.service.Reset()
	}
}
