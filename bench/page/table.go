package page

import (
	"strings"

	"github.com/ringreadv/ringreadv/bench/report"
)

// table is the figures of a case in numbers, a row for each way.
type table struct {
	Caption string
	Head    []string
	Rows    []row
}

type row struct {
	key
	Cells []cell
}

// cell is a median, and where it may be as well; or a text.
type cell struct{ Text, Range string }

// rest are the metrics of tables that stand behind the most telling ones and how ways
// compare.
var rest = []report.Metric{
	report.CPUUserSPerGiB, report.CPUSystemSPerGiB,
	report.P50, report.P90, report.P99, report.P999, report.Max, report.ServiceP50, report.ServiceP99, report.Missed,
	report.Wakeups, report.Syscalls, report.Copied,
}

func newTable(r *report.Report, g *report.Group, styles styles) table {
	t := table{Caption: r.Heading(g.Case), Rows: make([]row, len(g.Ways))}
	for i := range g.Ways {
		name := g.Ways[i].Way.Name
		t.Rows[i].key = key{name, class(styles.of(name))}
	}
	t.addMetrics(g, report.MiBPerS, report.CPUSPerGiB)
	if r.Command == report.CommandRun {
		t.addGains(g)
	} else {
		t.addRatios(g)
	}
	t.addMetrics(g, rest...)
	return t
}

// add adds a column, unless there is nothing in it.
func (t *table) add(head string, g *report.Group, of func(w *report.WayRuns) cell) {
	cells, any := make([]cell, len(g.Ways)), false
	for i := range g.Ways {
		cells[i] = of(&g.Ways[i])
		any = any || cells[i].Text != ""
	}
	if !any {
		return
	}
	t.Head = append(t.Head, head)
	for i := range cells {
		t.Rows[i].Cells = append(t.Rows[i].Cells, cells[i])
	}
}

// addMetrics adds medians. What no way tells is left out.
func (t *table) addMetrics(g *report.Group, metrics ...report.Metric) {
	for _, m := range metrics {
		t.add(m.Name, g, func(w *report.WayRuns) cell { return median(w, m) })
	}
}

func median(w *report.WayRuns, m report.Metric) cell {
	s, ok := w.Summary(m)
	if !ok {
		return cell{}
	}
	c := cell{Text: m.Text(s.Median)}
	low, high := s.Range()
	if l, h := m.Text(low), m.Text(high); l != h {
		c.Range = l + "…" + h
	}
	return c
}

// addRatios relates the first way to the others.
func (t *table) addRatios(g *report.Group) {
	first := &g.Ways[0]
	for _, m := range report.Compared {
		name, _, _ := strings.Cut(m.Name, " ")
		t.add(name+" ratio", g, func(w *report.WayRuns) cell {
			if ratio, ok := first.Ratio(m, w); ok && w != first {
				return ratioCell(ratio.String())
			}
			return cell{}
		})
	}
}

// ratioCell sets what stands in brackets, the interval, below the rest.
func ratioCell(text string) cell {
	median, interval, _ := strings.Cut(text, " (")
	return cell{median, strings.TrimSuffix(interval, ")")}
}

// addGains relates ways to those that are alike but for one thing.
func (t *table) addGains(g *report.Group) {
	for _, with := range []struct {
		name string
		of   func(report.Way) *report.WayRuns
	}{{"copy", g.Copying}, {"netconn", g.Ordinary}} {
		for i, what := range []string{"MiB/s", "CPU"} {
			t.add(what+" vs "+with.name, g, func(w *report.WayRuns) cell { return ratioCell(w.Gains(with.of(w.Way))[i]) })
		}
	}
}
