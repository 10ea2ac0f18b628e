package diff

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/bench/table"
)

// WriteText writes it for people.
func (d *Diff) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, line := range d.Ground {
		fmt.Fprintf(&b, "not the same ground: %s\n", line)
	}
	if len(d.Ground) > 0 {
		b.WriteByte('\n')
	}
	head := []string{"server", "protocol", "job", "pattern", "way", "block", "depth", "rate"}
	for _, m := range Metrics {
		head = append(head, m.Name, "change")
	}
	t := table.New(5, head...)
	for _, r := range d.Rows {
		c, rate := r.Case, ""
		if c.RatePerS > 0 {
			rate = fmt.Sprint(c.RatePerS)
		}
		row := []string{c.Server, c.Protocol, c.Job, c.Pattern, r.Way.Name, c.Block(), strconv.Itoa(c.Depth), rate}
		for i, m := range Metrics {
			if change := r.Changes[i]; change.Known {
				row = append(row, m.Text(change.Old.Median)+" → "+m.Text(change.New.Median), change.String())
			} else {
				row = append(row, "", "")
			}
		}
		t.Add(row...)
	}
	t.DropIdle("server", "protocol", "job", "pattern")
	if len(d.Rows) > 0 {
		if err := t.Write(&b); err != nil {
			return err
		}
		b.WriteString(legend)
	} else {
		b.WriteString("Nothing to compare: no case was read in the same way in both.\n")
	}
	for _, k := range d.OnlyOld {
		fmt.Fprintf(&b, "only in the old report: %s\n", k)
	}
	for _, k := range d.OnlyNew {
		fmt.Fprintf(&b, "only in the new report: %s\n", k)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const legend = `
Medians of the repetitions, old → new. "~": within the noise, chance alone does as much in one of twenty comparisons
(Mann-Whitney U test, p ≥ 0.05), or too few repetitions to tell. The two were measured at different times: a machine
in another mood looks like a change. To be sure measure both in turns: uringbench compare --contenders uring,uring@OLD.
`
