package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/bench/table"
)

// What ways of reading are called that others are compared with.
const (
	EngineNetConn = "netconn"
	PlacementCopy = "copy"
)

// WriteMatrix shows cases and ways in one table, a row each: how much each way that
// places payload directly gains over the one that is alike but copies, and how much
// this library gains over net.Conn.
func WriteMatrix(w io.Writer, runs []Run) error {
	head := []string{"protocol", "engine", "placement", "plan", "fixed", "pattern", "block", "depth", "rate"}
	words := len(head) - 2
	shown := []Metric{MiBPerS, IOPS, CPUSPerGiB, CPUUserSPerGiB, CPUSystemSPerGiB, P50, P99, ServiceP50, ServiceP99, Missed, Wakeups, Syscalls, Copied}
	for _, m := range shown {
		head = append(head, m.Name)
	}
	head = append(head, "MiB/s vs copy", "CPU vs copy", "MiB/s vs netconn", "CPU vs netconn")
	t := table.New(words, head...)
	for _, g := range Groups(runs) {
		for i := range g.Ways {
			way, c := &g.Ways[i], g.Case
			rate := ""
			if c.RatePerS > 0 {
				rate = whole(c.RatePerS)
			}
			row := []string{
				c.Protocol, way.Way.Engine, way.Way.Placement, way.Way.Plan, strconv.FormatBool(way.Way.Fixed), c.Pattern,
				c.Block(), strconv.Itoa(c.Depth), rate,
			}
			for _, m := range shown {
				row = append(row, way.Text(m))
			}
			row = append(row, way.Gains(g.Copying(way.Way))...)
			row = append(row, way.Gains(g.Ordinary(way.Way))...)
			t.Add(row...)
		}
	}
	t.DropIdle("protocol", "engine", "plan", "fixed", "pattern")
	return t.Write(w)
}

// Copying is the way that differs only in copying, or nil.
func (g *Group) Copying(w Way) *WayRuns {
	return g.Find(func(o Way) bool {
		same := o.Engine == w.Engine && o.Plan == w.Plan && o.Fixed == w.Fixed && o.Conns == w.Conns
		return same && w.Placement != PlacementCopy && o.Placement == PlacementCopy
	})
}

// Ordinary is the way that does the same with net.Conn, or nil.
func (g *Group) Ordinary(w Way) *WayRuns {
	return g.Find(func(o Way) bool {
		return w.Engine != EngineNetConn && o.Engine == EngineNetConn && o.Placement == w.Placement
	})
}

// Gains are two cells that compare throughput and CPU time with those of another way;
// empty without one.
func (w *WayRuns) Gains(with *WayRuns) []string {
	cells := []string{"", ""}
	if with == nil {
		return cells
	}
	for i, m := range []Metric{MiBPerS, CPUSPerGiB} {
		if r, ok := w.Ratio(m, with); ok {
			cells[i] = r.Percent()
		}
	}
	return cells
}

// WriteJob shows the results of a job.
func WriteJob(w io.Writer, job Job, runs []Run) error {
	title := "\n" + job.Title + "\n"
	if job.Description != "" {
		title += job.Description + "\n"
	}
	if _, err := io.WriteString(w, title+"\n"); err != nil {
		return err
	}
	if err := errors.Join(WriteMatrix(w, runs), WriteMissed(w, runs)); err != nil || job.Name == JobMatrix {
		return err
	}
	return WriteMeans(w, runs)
}

// JobMatrix is the job that is no job but blocks and depths.
const JobMatrix = "matrix"

// WriteMeans says of each way the mean throughput and its standard deviation, as
// reports of such jobs do.
func WriteMeans(w io.Writer, runs []Run) error {
	var b strings.Builder
	for _, g := range Groups(runs) {
		for i := range g.Ways {
			way := &g.Ways[i]
			s, ok := way.Summary(MiBPerS)
			if !ok {
				continue
			}
			fmt.Fprintf(&b, "%s: mean of %d: %.0f MiB/s (%s kB/s)", way.Way.Name, s.N, s.Mean, whole(s.Mean*1024))
			if s.N > 1 {
				fmt.Fprintf(&b, ", standard deviation %.1f %%", s.SD/s.Mean*100)
			}
			if c := g.Copying(way.Way); c != nil {
				b.WriteString(way.meanOver(c))
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// meanOver is how far the mean is above another's, and whether that is noise.
func (w *WayRuns) meanOver(other *WayRuns) string {
	mine, ok := w.Summary(MiBPerS)
	theirs, known := other.Summary(MiBPerS)
	ratio, paired := w.Ratio(MiBPerS, other)
	if !ok || !known || !paired {
		return ""
	}
	gain := strings.Replace(fmt.Sprintf("%+.1f", (mine.Mean/theirs.Mean-1)*100), "-", "−", 1)
	text := fmt.Sprintf("; %s %% over %s", gain, other.Way.Name)
	if ratio.Noise() {
		text += ", which is within the noise"
	}
	return text
}

// matrixLegend explains the columns of WriteMatrix.
const matrixLegend = `CPU s/GiB is the CPU time of this process, the client, alone, in user and in system mode; wake-ups and syscalls are per read. Copied
is payload bytes copied after receive per byte read. "vs" is the gain over the row that is alike but for that: median of the repetitions' pairs
and the interval that holds the true one with 95 % confidence. "~": within the noise, or fewer than six pairs.
`
