package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench/stat"
	"github.com/ringreadv/ringreadv/bench/table"
)

// Compared are the metrics that ways are compared by.
var Compared = []Metric{CPUUsPerRead, MiBPerS, P50}

// WriteCell shows the runs of one case, a row for each way, and how the first relates
// to the others, in figures and in words.
func (r *Report) WriteCell(w io.Writer, g *Group) error {
	shown := []Metric{CPUUsPerRead, CPUSPerGiB, CPUUserSPerGiB, CPUSystemSPerGiB, MiBPerS, P50, P99, P999, Wakeups, Syscalls, Copied}
	first := &g.Ways[0]
	head := []string{"way"}
	for _, m := range shown {
		head = append(head, m.Name)
	}
	for _, m := range Compared {
		name, _, _ := strings.Cut(m.Name, " ")
		head = append(head, name+" ratio")
	}
	t := table.New(1, head...)
	for i := range g.Ways {
		way := &g.Ways[i]
		row := []string{way.Way.Name + r.mark(way.Way)}
		for _, m := range shown {
			row = append(row, way.Text(m))
		}
		for _, m := range Compared {
			text := ""
			if ratio, ok := first.Ratio(m, way); ok && i > 0 {
				text = ratio.String()
			}
			row = append(row, text)
		}
		t.Add(row...)
	}
	t.DropIdle()
	if _, err := fmt.Fprintf(w, "\n%s\n", r.Heading(g.Case)); err != nil {
		return err
	}
	if err := t.Write(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, r.remarks(g))
	return err
}

// mark is what stands behind the name of a way that is not like others.
func (r *Report) mark(w Way) string {
	if w.Unchecked && r.Setup.Checked != "" {
		return "*"
	}
	return ""
}

// remarks are the lines below a table.
func (r *Report) remarks(g *Group) string {
	var b strings.Builder
	if r.Setup.Repeat >= stat.MinValues { // else the ground says that it is in vain
		for _, line := range g.Verdicts() {
			fmt.Fprintf(&b, " %s\n", line)
		}
	}
	for _, line := range r.StartUps(g) {
		fmt.Fprintf(&b, " %s\n", line)
	}
	if g.Find(func(w Way) bool { return r.mark(w) != "" }) != nil {
		b.WriteString("* its bytes were not compared with the file's: it hands none out\n")
	}
	return b.String()
}

// AbsentLines say who was left out and why, each once.
func (r *Report) AbsentLines() (lines []string) {
	for _, a := range r.Absent {
		where := a.Case.String() + ": "
		if a.Missing {
			where = "" // it is everywhere
		}
		if line := fmt.Sprintf("%s%s: %s", where, a.Way, a.Reason); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// WriteAbsent writes them.
func (r *Report) WriteAbsent(w io.Writer) error {
	var b strings.Builder
	for _, line := range r.AbsentLines() {
		fmt.Fprintf(&b, "absent: %s\n", line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cellLegend explains the columns of WriteCell.
const cellLegend = `CPU is that of the whole client process, in user and in system mode; wake-ups and syscalls are per read.
Figures are medians of the repetitions. A ratio is the first row's figure divided by that of the row, pair
by pair: the median, and the interval that holds the true one with 95 % confidence. 0.50 under CPU or p50:
the first takes half; 2.00 under MiB/s: it is twice as fast. "~": within the noise, the pairs do not tell
who is ahead, or are fewer than six.
`
