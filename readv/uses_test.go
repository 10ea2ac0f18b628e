package readv

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// However uses and close meet, the handle is given back once, after the last use
// and never during one.
func TestUsesEndOnce(t *testing.T) {
	rounds := 5000
	if testing.Short() || raceEnabled {
		rounds = 500
	}
	for i := range rounds {
		const rings = 3
		u := newUses(rings)
		var begun, inside, given, closed atomic.Int32
		giveBack := func(now bool) {
			if now && (given.Add(1) > 1 || inside.Load() > 0) {
				t.Errorf("given back %d times, with %d uses under way", given.Load(), inside.Load())
			}
		}
		var all sync.WaitGroup
		for ring := range rings {
			all.Go(func() {
				for more := true; more; {
					if more = u.begin(ring); more {
						begun.Add(1)
						inside.Add(1)
						runtime.Gosched()
						if given.Load() > 0 {
							t.Error("a use began after the handle was given back")
						}
						inside.Add(-1)
					}
					giveBack(u.end(ring))
				}
			})
		}
		for range 2 {
			all.Go(func() {
				for begun.Load() < int32(i%50) {
					runtime.Gosched()
				}
				first, now := u.close()
				if first {
					closed.Add(1)
				}
				giveBack(now)
			})
		}
		all.Wait()
		if closed.Load() != 1 || given.Load() != 1 {
			t.Fatalf("closed %d times, given back %d times", closed.Load(), given.Load())
		}
	}
}
