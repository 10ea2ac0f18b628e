package report

import (
	"fmt"

	"github.com/dustin/go-humanize"
)

// Metric is one figure of a run as tables, plots and comparisons show it.
type Metric struct {
	Key  string // in Go's benchmark format, and for flags
	Name string // with its unit, for people
	// Better is +1 if more is better, −1 if less is.
	Better int
	// Of returns the figure; ok is false if the run does not tell it.
	Of func(r *Run) (v float64, ok bool)
	// Text shows a value, without its unit.
	Text func(v float64) string
}

// Figures that runs are compared by, the most telling first.
var (
	MiBPerS = Metric{"MiB/s", "MiB/s", +1, known(func(r *Run) float64 { return r.MiBPerS }), whole}
	IOPS    = Metric{"reads/s", "reads/s", +1, known(func(r *Run) float64 { return r.IOPS }), whole}

	CPUSPerGiB       = Metric{"cpu-s/GiB", "CPU s/GiB", -1, cpu(func(r *Run) float64 { return r.CPUSPerGiB }), digits(3)}
	CPUUserSPerGiB   = Metric{"user-s/GiB", "user", -1, cpu(func(r *Run) float64 { return r.perGiB(r.CPUUserS) }), digits(3)}
	CPUSystemSPerGiB = Metric{"sys-s/GiB", "system", -1, cpu(func(r *Run) float64 { return r.perGiB(r.CPUSystemS) }), digits(3)}
	CPUUsPerRead     = Metric{"cpu-us/op", "CPU µs/read", -1, cpu(func(r *Run) float64 { return r.CPUUsPerRead }), digits(2)}

	P50  = latency("p50", func(l *Latency) float64 { return l.P50 })
	P90  = latency("p90", func(l *Latency) float64 { return l.P90 })
	P99  = latency("p99", func(l *Latency) float64 { return l.P99 })
	P999 = latency("p99.9", func(l *Latency) float64 { return l.P999 })
	Max  = latency("max", func(l *Latency) float64 { return l.Max })

	// ServiceP50 and ServiceP99 are of runs at a fixed rate.
	ServiceP50 = service("p50", func(l *Latency) float64 { return l.P50 })
	ServiceP99 = service("p99", func(l *Latency) float64 { return l.P99 })
	Missed     = Metric{"missed", "missed", -1, func(r *Run) (float64, bool) { return float64(r.Missed), r.RatePerS > 0 }, whole}

	Wakeups  = Metric{"wakeups/op", "wake-ups", -1, notNegative(known(func(r *Run) float64 { return r.WakeupsPerRead })), digits(2)}
	Syscalls = own("syscalls/op", "syscalls", func(o *Own) float64 { return o.SyscallsPerRead })
	Copied   = own("copied-B/B", "copied", func(o *Own) float64 { return o.CopiedPerByte })
	Allocs   = own("allocs/op", "allocs", func(o *Own) float64 { return o.AllocsPerRead })
)

// Metrics are all of them.
var Metrics = []Metric{
	MiBPerS, IOPS, CPUSPerGiB, CPUUserSPerGiB, CPUSystemSPerGiB, CPUUsPerRead,
	P50, P90, P99, P999, Max, ServiceP50, ServiceP99, Missed, Wakeups, Syscalls, Copied, Allocs,
}

func (f *Figures) perGiB(seconds float64) float64 { return seconds / (float64(f.Bytes) / (1 << 30)) }

// known are figures that every run with a read has.
func known(of func(r *Run) float64) func(r *Run) (float64, bool) {
	return func(r *Run) (float64, bool) {
		if r.Reads == 0 {
			return 0, false
		}
		return of(r), true
	}
}

// cpu are those of a run that used the CPU as far as is known.
func cpu(of func(r *Run) float64) func(r *Run) (float64, bool) {
	return notNegative(func(r *Run) (float64, bool) {
		if r.Reads == 0 || r.CPUUserS+r.CPUSystemS <= 0 {
			return 0, false
		}
		return of(r), true
	})
}

// notNegative takes a figure below zero, of which too much was taken off, for not known.
func notNegative(of func(r *Run) (float64, bool)) func(r *Run) (float64, bool) {
	return func(r *Run) (float64, bool) {
		v, ok := of(r)
		return v, ok && v >= 0
	}
}

func latency(name string, of func(l *Latency) float64) Metric {
	return Metric{name + "-us", name + " µs", -1, func(r *Run) (float64, bool) { v := of(&r.Latency); return v, v > 0 }, whole}
}

func service(name string, of func(l *Latency) float64) Metric {
	return Metric{"service-" + name + "-us", "service " + name + " µs", -1, func(r *Run) (float64, bool) {
		if r.Service == nil {
			return 0, false
		}
		v := of(r.Service)
		return v, v > 0
	}, whole}
}

func own(key, name string, of func(o *Own) float64) Metric {
	return Metric{key, name, -1, func(r *Run) (float64, bool) {
		if r.Own == nil || r.Reads == 0 {
			return 0, false
		}
		return of(r.Own), true
	}, digits(2)}
}

// whole is a value people need no fraction of.
func whole(v float64) string { return humanize.Comma(int64(v + 0.5)) }

func digits(n int) func(float64) string {
	return func(v float64) string { return fmt.Sprintf("%.*f", n, v) }
}
