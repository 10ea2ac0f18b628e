package bench

import "time"

// pacer says when a part of a stream may start reads, its only clock the times it is
// given. The zero pacer lets it start one whenever it has a slot free.
type pacer struct {
	// With think, when so many reads have been started and all have ended, it is
	// that long until the next.
	think  time.Duration
	blocks int
	since  int       // started since the last pause
	ended  time.Time // the last read

	// With a rate, reads per second of the whole stream, one is due at regular
	// times, whatever became of the others: of parts the index-th has the index-th,
	// and each parts-th after it.
	rate         int
	index, parts int
	started      int
	begin        time.Time
}

// reset begins anew.
func (p *pacer) reset(begin time.Time) {
	p.since, p.started, p.begin = 0, 0, begin
}

// next reports whether a read may start now, and since when it is due. If it may not,
// due is when to ask again; zero: when a read has ended.
func (p *pacer) next(now time.Time, inFlight int) (due time.Time, may bool) {
	if p.rate > 0 {
		due = p.due(p.started)
		return due, !due.After(now)
	}
	if p.think > 0 && p.since >= p.blocks {
		if inFlight > 0 {
			return time.Time{}, false
		}
		if resume := p.ended.Add(p.think); resume.After(now) {
			return resume, false
		}
		p.since = 0
	}
	return now, true
}

// start takes in that the read that next allowed has been started.
func (p *pacer) start() {
	p.started++
	p.since++
}

// end takes in that a read has ended.
func (p *pacer) end(now time.Time) { p.ended = now }

// due is when the i-th read is.
func (p *pacer) due(i int) time.Time {
	n := int64(i)*int64(p.parts) + int64(p.index)
	rate := int64(p.rate)
	return p.begin.Add(time.Duration(n/rate)*time.Second + time.Duration(n%rate*int64(time.Second)/rate))
}

// missed is how many reads were due before a time and have not been started.
func (p *pacer) missed(until time.Time) int64 {
	if p.rate == 0 {
		return 0
	}
	elapsed, rate, second := int64(until.Sub(p.begin)), int64(p.rate), int64(time.Second)
	all := elapsed/second*rate + (elapsed%second*rate+second-1)/second // of the stream
	own := max(all-int64(p.index)+int64(p.parts)-1, 0) / int64(p.parts)
	return max(own-int64(p.started), 0)
}
