package micro

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/unix"
)

// load is how reads are made: of so many bytes, so many in flight.
type load struct{ bytes, depth int }

// loads are the corners of the engine's work, and what lies between.
var loads = []load{
	{4 << 10, 1}, {4 << 10, 16}, {4 << 10, 64},
	{128 << 10, 1}, {128 << 10, 16},
	{1 << 20, 4},
}

func (l load) String() string { return fmt.Sprintf("bs=%s/depth=%d", size(l.bytes), l.depth) }

func size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprintf("%dm", n>>20)
}

// offsets are those of reads one after the other, again and again.
type offsets struct{ next, step int64 }

func (o *offsets) take() int64 {
	off := o.next
	o.next = (off + o.step) % fileBytes
	return off
}

// check compares what was read with what the server makes up.
func check(b *testing.B, got []byte, off int64) {
	b.Helper()
	want := make([]byte, len(got))
	server.Pattern(fileSeed, off, want)
	if !bytes.Equal(got, want) {
		b.Fatalf("wrong bytes at %d", off)
	}
}

// meter counts what reads cost between its making and report.
type meter struct {
	stats  func() transport.Stats
	before transport.Stats
	cpu    time.Duration
}

// newMeter starts the clock.
func newMeter(b *testing.B, stats func() transport.Stats) *meter {
	b.ReportAllocs()
	m := &meter{stats: stats, before: stats(), cpu: cpuTime()}
	b.ResetTimer()
	return m
}

// report stops the clock and reports the costs of each read.
func (m *meter) report(b *testing.B) {
	b.StopTimer()
	cpu, after := cpuTime()-m.cpu, m.stats()
	reads := float64(after.Reported - m.before.Reported)
	per := func(after, before uint64) float64 { return float64(after-before) / reads }
	b.ReportMetric(float64(cpu.Nanoseconds())/reads, "cpu-ns/op")
	b.ReportMetric(per(after.Syscalls, m.before.Syscalls), "syscalls/op")
	b.ReportMetric(per(after.Receives, m.before.Receives), "recvs/op")
	b.ReportMetric(float64(after.CopiedBytes-m.before.CopiedBytes)/float64(after.PayloadBytes-m.before.PayloadBytes), "copied-B/B")
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var r unix.Rusage
	// With these arguments it cannot fail.
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
