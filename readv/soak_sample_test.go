//go:build linux

package readv

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// sample is what the process holds at a moment.
type sample [len(measures)]float64

// measures are what is looked at, and by how much each may seem to grow over a
// test, for noise. Some settle: what was closed is gone after a while, rings for
// one when the kernel has come to it.
var measures = [...]struct {
	name    string
	margin  float64
	settles bool
	read    func(testing.TB) float64
}{
	{"resident, KiB", withoutRace(32 << 10), false, func(t testing.TB) float64 { return processStatus(t, "VmRSS:") }},
	{"pinned for rings, KiB", 1024, true, func(t testing.TB) float64 { return processStatus(t, "VmPin:") }},
	{"descriptors", 2, true, func(t testing.TB) float64 { return float64(countFDs(t)) }},
	{"goroutines", 2, true, func(testing.TB) float64 { return float64(runtime.NumGoroutine()) }},
	{"mappings", withoutRace(8), true, func(t testing.TB) float64 {
		maps, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Fatal(err)
		}
		return float64(bytes.Count(maps, []byte{'\n'}))
	}},
	{"heap after collection, KiB", 2048, false, func(testing.TB) float64 {
		runtime.GC() // once more, for what pools keep over one
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1024
	}},
}

// withoutRace is a margin that does not hold with the race detector, whose own
// memory grows.
func withoutRace(margin float64) float64 {
	if raceEnabled {
		return math.Inf(1)
	}
	return margin
}

// settleTime is how long a sample waits for what was seen at least before.
const settleTime = 300 * time.Millisecond

// processStatus gives a figure of proc_pid_status(5), in KiB.
func processStatus(t testing.TB, name string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	fields := bytes.Fields(text)
	i := slices.IndexFunc(fields, func(f []byte) bool { return string(f) == name })
	if i < 0 {
		t.Fatal("no ", name)
	}
	n, err := strconv.ParseFloat(string(fields[i+1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sample looks while there is nothing but what stays.
func (s *soak) sample(stays []*stay) (now sample) {
	s.gate.Lock()
	defer s.gate.Unlock()
	for _, y := range stays {
		awaitConns(s.t, y.volume)
	}
	for i, m := range measures {
		now[i] = m.read(s.t)
		for end := time.Now().Add(settleTime); m.settles && now[i] > s.least[i] && time.Now().Before(end); time.Sleep(time.Millisecond) {
			now[i] = min(now[i], m.read(s.t))
		}
		s.least[i] = min(s.least[i], now[i])
	}
	return now
}

// checkFlat reports what grows, but for a start in which pools fill.
func checkFlat(t *testing.T, samples []sample) {
	samples = samples[len(samples)/5:]
	for i, m := range measures {
		var values []float64
		for _, s := range samples {
			values = append(values, s[i])
		}
		third := len(values) / 3
		grown := slope(values) * float64(len(values))
		say := t.Logf
		if grown > m.margin {
			say = t.Errorf
		}
		say("%s: %.0f in the first third, %.0f in the last, grown by %.1f: %.0f",
			m.name, median(values[:third]), median(values[len(values)-third:]), grown, values)
	}
}

// slope is the median of the slopes between any two values (Theil and Sen),
// which some far from the line do not move.
func slope(values []float64) float64 {
	var slopes []float64
	for i, a := range values {
		for j, b := range values[i+1:] {
			slopes = append(slopes, (b-a)/float64(j+1))
		}
	}
	return median(slopes)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// cutListener ends connections that were accepted by it.
type cutListener struct {
	net.Listener
	url string

	mu    sync.Mutex
	conns map[*net.TCPConn]bool // among them some that have ended
}

func (l *cutListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) > 100 {
		for c := range l.conns {
			if !isOpen(c) {
				delete(l.conns, c)
			}
		}
	}
	l.conns[c.(*net.TCPConn)] = true
	return c, nil
}

func isOpen(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	return err == nil && raw.Control(func(uintptr) {}) == nil
}

// cut ends a connection, which one is left to chance, with a reset or without.
func (l *cutListener) cut(rnd *rand.Rand) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		delete(l.conns, c)
		if isOpen(c) {
			if rnd.IntN(2) == 0 {
				c.SetLinger(0)
			}
			c.Close()
			return true
		}
	}
	return false
}
