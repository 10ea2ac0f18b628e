// Package diff compares two reports that were made at different times: what changed
// between two versions of a program, say, or two kernels.
//
// The repetitions of a case and a way in one report are compared with those in the
// other by the Mann-Whitney U test. That tells a change from the noise of repetitions,
// not from the mood of a machine that was another one an hour later: where it matters,
// both are to be measured in turns (uringbench compare, contender uring@PROGRAM).
package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/bench/stat"
)

// Metrics are what is compared.
var Metrics = []report.Metric{report.MiBPerS, report.CPUSPerGiB, report.P50, report.P99}

// Diff is what differs.
type Diff struct {
	Rows []Row
	// OnlyOld and OnlyNew are cases and ways that the other report lacks.
	OnlyOld, OnlyNew []string
	// Ground are differences in what was measured on.
	Ground []string
}

// Row is a case and a way that both reports have.
type Row struct {
	Case    report.Case
	Way     report.Way
	Changes []Change // by the index of Metrics
}

// Change is that of one metric.
type Change struct {
	stat.Change
	Known bool // by both
}

// key is what has to be the same for figures to be compared. Where a server listens
// and how many files a directory has may differ.
type key struct {
	report.Case
	way string
}

func (k key) String() string { return k.Case.String() + ", " + k.way }

// Of compares two reports.
func Of(before, after *report.Report) *Diff {
	d := &Diff{Ground: ground(before, after)}
	old, order := waysOf(before)
	now, nowOrder := waysOf(after)
	for _, k := range order {
		if now[k] == nil {
			d.OnlyOld = append(d.OnlyOld, k.String())
			continue
		}
		row := Row{Case: k.Case, Way: now[k].Way}
		for _, m := range Metrics {
			a, b := old[k].Values(m), now[k].Values(m)
			c := Change{Known: len(a) > 0 && len(b) > 0}
			if c.Known {
				c.Change = stat.ChangeOf(a, b)
			}
			row.Changes = append(row.Changes, c)
		}
		d.Rows = append(d.Rows, row)
	}
	for _, k := range nowOrder {
		if old[k] == nil {
			d.OnlyNew = append(d.OnlyNew, k.String())
		}
	}
	return d
}

func waysOf(r *report.Report) (of map[key]*report.WayRuns, order []key) {
	of = make(map[key]*report.WayRuns)
	for _, g := range report.Groups(r.Runs) {
		for i := range g.Ways {
			k := key{g.Case, g.Ways[i].Way.Name}
			of[k] = &g.Ways[i]
			order = append(order, k)
		}
	}
	return of, order
}

// Worse lists the changes for the worse that are beyond the noise and at least so many
// percent.
func (d *Diff) Worse(percent float64) (list []string) {
	for _, r := range d.Rows {
		for i, c := range r.Changes {
			m := Metrics[i]
			if c.Known && !c.Noise() && c.Percent()*float64(m.Better) <= -percent {
				list = append(list, fmt.Sprintf("%s: %s %s", key{r.Case, r.Way.Name}, m.Name, c))
			}
		}
	}
	return list
}

// ground says how the two differ in what was measured on.
func ground(before, after *report.Report) (list []string) {
	differ := func(what string, a, b any) {
		if a != b {
			said := func(v any) string { return cmp.Or(fmt.Sprint(v), "none") }
			list = append(list, fmt.Sprintf("%s: %s, then %s", what, said(a), said(b)))
		}
	}
	differ("command", before.Command, after.Command)
	a, b := before.Host, after.Host
	differ("kernel", a.Kernel, b.Kernel)
	differ("CPUs", fmt.Sprintf("%d × %s", a.CPUs, a.CPUModel), fmt.Sprintf("%d × %s", b.CPUs, b.CPUModel))
	differ("Go", a.Go, b.Go)
	differ("uringbench", a.Program, b.Program)
	differ("TCP congestion control", a.Congestion, b.Congestion)
	differ("CPUs of servers", before.Setup.ServerCPUs, after.Setup.ServerCPUs)
	differ("CPUs of clients", before.Setup.ClientCPUs, after.Setup.ClientCPUs)
	differ("GOMAXPROCS", before.Setup.Processors, after.Setup.Processors)
	differ("seconds of a repetition", before.Setup.Seconds, after.Setup.Seconds)
	differ("connections", before.Setup.Conns, after.Setup.Conns)
	differ("accelerators", strings.Join(before.Setup.Accelerators, ","), strings.Join(after.Setup.Accelerators, ","))
	differ("bytes compared before measuring", before.Setup.Checked != "", after.Setup.Checked != "")
	differ("bytes of every read compared", verified(before), verified(after))
	titles := make(map[string]report.Job)
	for _, j := range before.Jobs {
		titles[j.Name] = j
	}
	for _, j := range after.Jobs {
		if was, ok := titles[j.Name]; ok {
			differ("job "+j.Name, was.Title+", "+size.Name(was.SizeBytes), j.Title+", "+size.Name(j.SizeBytes))
		}
	}
	sizes := make(map[string]int64)
	for _, s := range before.Servers {
		sizes[s.Name] = s.SizeBytes
	}
	for _, s := range after.Servers {
		if was, ok := sizes[s.Name]; ok {
			differ("read of a file of server "+s.Name, size.Name(was), size.Name(s.SizeBytes))
		}
	}
	return list
}

// verified reports whether bytes were compared while it was measured, which costs.
func verified(r *report.Report) bool {
	return slices.ContainsFunc(r.Runs, func(u report.Run) bool { return u.Verified })
}
