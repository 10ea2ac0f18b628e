package transport

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// A goroutine that waits in the kernel with its P holds a collection up, which
// has to stop all Ps. Two things see to it that this does not take long: the
// bound of the wait, and the runtime's signal, which ends the wait early. The
// runtime does not send it with asyncpreemptoff; then the bound is all there is.
//
// stopBound is what a stop may take. It is for the scheduler of a machine that has
// other things to do.
const stopBound = 5 * time.Millisecond

const noSignals = "asyncpreemptoff=1"

func TestCollectionsNotHeldUp(t *testing.T) {
	// One P for the goroutine in the kernel, one for the others.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))))
	signals := !strings.Contains(os.Getenv("GODEBUG"), noSignals)
	for _, depth := range []int{16, 64} {
		t.Run(fmt.Sprintf("depth=%d", depth), func(t *testing.T) {
			stops(t, Options{}, depth, false)
			// The signal ends a wait that is too long; without it the test
			// sees that it is.
			stops(t, Options{Wait: 20 * time.Millisecond}, depth, !signals)
		})
	}
	if !signals {
		return
	}
	t.Run("without signals", func(t *testing.T) {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		again := exec.Command(exe, "-test.run=^TestCollectionsNotHeldUp$", "-test.v", "-test.timeout=60s")
		again.Env = append(os.Environ(), "GODEBUG="+os.Getenv("GODEBUG")+","+noSignals)
		out, err := again.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
	})
}

// stops fails the test unless stopping the world while depth reads are in flight
// takes as long as expected: longer than the bound, or not.
func stops(t *testing.T, o Options, depth int, long bool) {
	t.Helper()
	if newEngine(t, o).Kind() == EnginePoller {
		long = false // nobody waits with a P there
	}
	const attempts = 5 // the machine may be busy with something else
	var most time.Duration
	for range attempts {
		took := collectWhileReading(t, o, depth)
		slices.Sort(took)
		most = took[len(took)*9/10]
		t.Logf("wait %v: %d stops, median %v, 90 %% at most %v, all %v", o.Wait, len(took), took[len(took)/2], most, took[len(took)-1])
		if (most > stopBound) == long {
			return
		}
	}
	t.Errorf("wait %v: a tenth of the stops took %v or longer, the bound is %v; want beyond it: %v", o.Wait, most, stopBound, long)
}

// collectWhileReading collects garbage over and over while reads go on, and
// tells how long it took to stop the world each time, rounded up.
func collectWhileReading(t *testing.T, o Options, depth int) []time.Duration {
	t.Helper()
	e, c := start(t, o, serveInSpells)
	r := newReader(t, e, c, depth, func() [][]byte { return [][]byte{make([]byte, spellBytes)} })
	r.read(depth)
	before := stopTimes()
	var collected atomic.Bool
	go func() {
		defer collected.Store(true)
		for range 20 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}()
	for !collected.Load() {
		r.read(1)
	}
	after := stopTimes()
	r.stop()
	var took []time.Duration
	for i, n := range after.Counts {
		most := after.Buckets[i+1] // in seconds
		if math.IsInf(most, 1) {
			most = after.Buckets[i]
		}
		for range n - before.Counts[i] {
			took = append(took, time.Duration(most*float64(time.Second)))
		}
	}
	return took
}

func stopTimes() *metrics.Float64Histogram {
	s := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64Histogram()
}

const spellBytes = 4096

// serveInSpells answers at once for a while, so that whoever drives is in and
// out of the kernel, and then not at all, so that it stays there for as long as
// it may.
func serveInSpells(p *transporttest.Peer) {
	reply := readReply(0, 0, spellBytes)
	spell := time.Now()
	for c := range p.Stream() {
		if time.Since(spell) > 2*time.Millisecond {
			time.Sleep(15 * time.Millisecond)
			spell = time.Now()
		}
		binary.BigEndian.PutUint32(reply[4:], c.XID)
		if _, err := p.Write(reply); err != nil {
			return
		}
	}
}
