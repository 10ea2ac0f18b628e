package backend

import (
	"math/rand/v2"
	"time"
)

const (
	firstPause = 20 * time.Millisecond
	maxPause   = 3 * time.Second // what GlusterFS's own client waits
	// steadyFactor is how many times as long as the pause before it a connection
	// has to last for the next pause to be the first again: a server that takes
	// connections and drops them is not asked over and over.
	steadyFactor = 8
)

// pause is what lies before another try to connect after so many: none before the
// first, then twice as long each time.
func pause(tries int) time.Duration {
	if tries == 0 {
		return 0
	}
	return min(firstPause<<min(tries-1, 20), maxPause)
}

// jitter spreads the clients of a server that comes back.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + rand.Float64()/2))
}
