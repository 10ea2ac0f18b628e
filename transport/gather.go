package transport

import (
	"math"
	"time"
)

// gathering is completion moderation. A server that answers small reads one by
// one costs a wake-up for each, which is more than the read itself. So the driver
// sends, pauses, and then receives: by so much that a receive brings a quarter of
// the replies outstanding or gatherMost, which makes them later by a quarter of
// the time they take at most, and leaves the server three quarters of the work.
// Servers whose replies come close together, and large reads, fill a receive by
// themselves.
type gathering struct {
	pause time.Duration // before the next receive
	rest  int           // receives without a pause to come, after pauses in vain
}

const (
	gatherLeast   = 8 // calls outstanding
	gatherMost    = 8 // replies
	gatherFirst   = 16 * time.Microsecond
	gatherRetries = 256 // receives until pauses are tried again
)

// adapt goes by how many of the calls outstanding were answered in a turn.
func (g *gathering) adapt(replies, outstanding int, most time.Duration) {
	want := min(outstanding/4, gatherMost)
	switch {
	case outstanding < gatherLeast:
		g.pause = 0
	case g.rest > 0:
		g.rest--
	case replies == 1 && g.pause == most:
		g.pause, g.rest = 0, gatherRetries
	case replies < want:
		g.pause = min(max(2*g.pause, gatherFirst), most)
	case replies > 2*want:
		if g.pause /= 2; g.pause < gatherFirst {
			g.pause = 0
		}
	}
}

// gather sends, and lets replies come.
func (e *Engine) gather() {
	d := &e.driver
	if d.gathering.pause == 0 || d.large > 0 || !d.busy || e.closed || !e.has(BoundedWait) {
		return
	}
	e.yield()
	e.stats.Pauses++
	e.queueSends()
	e.enterQueued(math.MaxUint16, d.gathering.pause)
}
