package bench

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// cell is what a row of a table shows: one work, read in one way.
type cell struct {
	job, pattern     string
	protocol         string
	block, depth     int
	engine, place    string
	plan             string
	fixed            bool
	mibs, iops, cpu  []float64 // by repetition
	p50, p99, copied []float64
	verified         bool
}

// cellsOf gathers the repetitions of each case, in the order of the first.
func cellsOf(runs []Run) []*cell {
	var list []*cell
	known := make(map[string]*cell)
	for _, r := range runs {
		key := fmt.Sprint(r.Protocol, r.Job, r.Pattern, r.BlockBytes, r.Depth, r.Engine, r.Placement, r.Plan, r.Fixed)
		c := known[key]
		if c == nil {
			c = &cell{protocol: r.Protocol, job: r.Job, pattern: r.Pattern, block: r.BlockBytes, depth: r.Depth,
				engine: r.Engine, place: r.Placement, plan: r.Plan, fixed: r.Fixed, verified: true}
			known[key] = c
			list = append(list, c)
		}
		c.mibs, c.iops, c.cpu = append(c.mibs, r.MiBPerS), append(c.iops, r.IOPS), append(c.cpu, r.CPUSPerGiB)
		c.p50, c.p99 = append(c.p50, r.Latency.P50), append(c.p99, r.Latency.P99)
		c.copied = append(c.copied, r.CopiedPerByte)
		c.verified = c.verified && r.Verified
	}
	return list
}

// sameWork reports whether two cells read the same by the same protocol.
func (c *cell) sameWork(d *cell) bool {
	return c.protocol == d.protocol && c.job == d.job && c.pattern == d.pattern && c.block == d.block && c.depth == d.depth
}

// copying finds the cell that differs only in copying.
func (c *cell) copying(all []*cell) *cell {
	for _, d := range all {
		if c.place == PlacementDirect && d.place == PlacementCopy &&
			c.sameWork(d) && c.engine == d.engine && c.plan == d.plan && c.fixed == d.fixed {
			return d
		}
	}
	return nil
}

// ordinary finds the cell that reads the same with net.Conn.
func (c *cell) ordinary(all []*cell) *cell {
	for _, d := range all {
		if c.engine != EngineNetConn && d.engine == EngineNetConn && c.sameWork(d) && c.place == d.place {
			return d
		}
	}
	return nil
}

// writeTable shows the runs of one job.
func writeTable(w io.Writer, runs []Run) error {
	cells := cellsOf(runs)
	t := &Table{words: 6, head: []string{
		"protocol", "engine", "placement", "plan", "fixed", "pattern",
		"block", "depth", "MiB/s", "reads/s", "CPU s/GiB", "p50 µs", "p99 µs", "copied",
		"MiB/s vs copy", "CPU vs copy", "MiB/s vs netconn", "CPU vs netconn",
	}}
	for _, c := range cells {
		row := []string{
			c.protocol, c.engine, c.place, c.plan, strconv.FormatBool(c.fixed), c.pattern,
			BlockName(c.block), strconv.Itoa(c.depth), whole(c.mibs), whole(c.iops),
			fmt.Sprintf("%.3f", SpreadOf(c.cpu).Median), whole(c.p50), whole(c.p99), fmt.Sprintf("%.2f", SpreadOf(c.copied).Median),
		}
		row = append(row, c.gains(c.copying(cells))...)
		row = append(row, c.gains(c.ordinary(cells))...)
		t.Add(row...)
	}
	for i := len(t.head) - 1; i >= 0; i-- {
		if t.idle(i) {
			t.drop(i)
		}
	}
	return t.Write(w)
}

// idle reports whether a column says nothing: it is empty, or only one case is
// among those it tells apart.
func (t *Table) idle(column int) bool {
	first := t.rows[0][column]
	for _, row := range t.rows {
		if row[column] != first && row[column] != noPlan {
			return false
		}
	}
	switch t.head[column] {
	case "protocol", "plan", "fixed", "pattern", "engine":
		return true
	}
	return first == ""
}

// gains are the two cells that compare with another; empty without one.
func (c *cell) gains(with *cell) []string {
	if with == nil {
		return []string{"", ""}
	}
	return []string{percent(Gains(with.mibs, c.mibs)), percent(Gains(with.cpu, c.cpu))}
}

// percent shows a fraction of a percent only where it is not drowned.
func percent(s Spread, ok bool) string {
	if !ok {
		return "?"
	}
	digits := 0
	if math.Abs(s.Median) < 9.95 {
		digits = 1
	}
	text := fmt.Sprintf("%+.*f%% (%+.0f…%+.0f)", digits, s.Median, s.Min, s.Max)
	return strings.ReplaceAll(text, "-", "−")
}

// whole is a median people need no fraction of.
func whole(values []float64) string { return humanize.Comma(int64(SpreadOf(values).Median + 0.5)) }

// writeGround says what was measured on.
func writeGround(w io.Writer, g *Ground) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-8s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("host", "Linux %s, %s, %d CPUs (%s)", g.Host.Kernel, g.Host.Go, g.Host.CPUs, g.Host.CPUModel)
	bound := "free to move between CPUs"
	if g.ServerCPUs != "" {
		bound = "pinned to CPU " + g.ServerCPUs
	}
	if g.Embedded {
		line("server", "embedded, process %d, %s, TCP congestion control %s", g.ServerPID, bound, g.Congestion)
	}
	bound = "not pinned"
	if g.ClientCPUs != "" {
		bound = "pinned to CPU " + g.ClientCPUs
	}
	line("client", "this process, %s, GOMAXPROCS %d, %s", bound, g.Processors, plural(g.Conns, "connection"))
	line("files", "%s of %s at the same time%s: %s", plural(g.Files, "file"), sizeName(g.SizeBytes), g.repeated(), g.Target)
	line("bytes", "verified: %s whole and %d random reads compared, in each of %s of reading%s",
		sizeName(g.VerifiedBytes), g.VerifiedReads, plural(g.VerifiedWays, "way"), g.verifying())
	line("measured", "%s for %v each, in turns; medians are shown", plural(g.Repeat, "repetition"), g.Each)
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *Ground) repeated() string {
	if g.Distinct == g.Files {
		return ""
	}
	return fmt.Sprintf(" (%d distinct)", g.Distinct)
}

func (g *Ground) verifying() string {
	if g.VerifyAll {
		return "; every measured read is too"
	}
	return ""
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// writeJob shows the results of a job.
func writeJob(w io.Writer, job string, runs []Run) error {
	title := "Blocks and depths"
	if job == Job2013 {
		title = "The job of 2013: four files at once with 4, 32, 8 and 16 reads in flight, 128 KiB each, in order"
	}
	if _, err := fmt.Fprintf(w, "\n%s\n\n", title); err != nil {
		return err
	}
	return writeTable(w, runs)
}

// legend explains the columns.
const legend = `
CPU s/GiB is the CPU time of this process, the client, alone. Copied is payload bytes copied after receive per byte read.
"vs" is the gain over the row that is alike but for that: median of the repetitions' pairs (least … most).
`
