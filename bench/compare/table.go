package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
)

// byContender takes the runs of a cell apart, in the order of contenders.
func byContender(runs []Run) (names []string, of map[string][]Run) {
	of = make(map[string][]Run)
	for _, r := range runs {
		if of[r.Contender] == nil {
			names = append(names, r.Contender)
		}
		of[r.Contender] = append(of[r.Contender], r)
	}
	return names, of
}

// WriteGround says what was measured on.
func (r *Report) WriteGround(w io.Writer) error {
	pinned := "not pinned"
	if r.ClientCPUs != "" {
		pinned = "pinned to CPU " + r.ClientCPUs
	}
	if r.ServerCPUs != "" {
		pinned += ", servers to CPU " + r.ServerCPUs
	}
	checked := "compared with the file's before measuring"
	if !r.Checked {
		checked = "NOT compared with the file's"
	}
	_, err := fmt.Fprintf(w, `host        Linux %s, %s, %d CPUs (%s), TCP congestion control %s
contenders  processes of their own, %s; connections: %d in Go, 1 in C
bytes       %s
measured    %d times %gs each, in turns; medians are shown
`, r.Host.Kernel, r.Host.Go, r.Host.CPUs, r.Host.CPUModel, r.Congestion, pinned, r.Conns, checked, r.Repeat, r.Seconds)
	return err
}

// heading says what the runs of a cell read.
func (r *Report) heading(c Cell) string {
	for _, s := range r.Servers {
		if s.Name != c.Server {
			continue
		}
		text := fmt.Sprintf("%s, %s × %d, from %s", c.Protocol, bench.BlockName(c.BlockBytes), c.Depth, s.URLs[c.Protocol])
		if s.Name != ServerURL {
			text = fmt.Sprintf("%s (%s server, TCP congestion control %s)", text, s.Name, s.Congestion)
		}
		return text
	}
	return c.String()
}

// WriteCell shows the runs of one cell, a row for each contender.
func (r *Report) WriteCell(w io.Writer, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	names, of := byContender(runs)
	first := names[0]
	head := []string{"contender", "CPU µs/read", "CPU s/GiB", "MiB/s", "p50 µs", "p99 µs", "syscalls/read"}
	for _, f := range figures {
		head = append(head, fmt.Sprintf("%s: %s ÷ this", f.name, first))
	}
	t := bench.NewTable(1, head...)
	for _, name := range names {
		row := []string{name}
		for _, c := range columns {
			row = append(row, c.show(of[name]))
		}
		for _, f := range figures {
			ratio := ""
			if r, ok := ratioOf(of[first], of[name], f.of); ok && name != first {
				ratio = r.String()
			}
			row = append(row, ratio)
		}
		t.Add(row...)
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", r.heading(runs[0].Cell)); err != nil {
		return err
	}
	return t.Write(w)
}

// column is the median of a figure over the repetitions.
type column struct {
	format string
	of     func(*peers.Result) float64
}

var columns = []column{
	{"%.2f", (*peers.Result).CPUUsPerRead},
	{"%.3f", (*peers.Result).CPUSPerGiB},
	{"%.0f", (*peers.Result).MiBPerS},
	{"%.0f", func(r *peers.Result) float64 { return float64(r.P50NS) / 1e3 }},
	{"%.0f", func(r *peers.Result) float64 { return float64(r.P99NS) / 1e3 }},
	{"%.2f", func(r *peers.Result) float64 {
		if r.Own == nil {
			return -1
		}
		return float64(r.Own.Syscalls) / float64(r.Reads)
	}},
}

func (c column) show(runs []Run) string {
	var values []float64
	for i := range runs {
		values = append(values, c.of(&runs[i].Result))
	}
	if m := bench.SpreadOf(values).Median; m >= 0 {
		return fmt.Sprintf(c.format, m)
	}
	return "" // it does not say
}

// WriteLegend explains the columns and says who is absent.
func (r *Report) WriteLegend(w io.Writer) error {
	var reasons []string
	for _, a := range r.Absent {
		where := a.String() + ": "
		if a.Missing {
			where = "" // it is everywhere
		}
		if line := fmt.Sprintf("absent: %s%s: %s\n", where, a.Contender, a.Reason); !slices.Contains(reasons, line) {
			reasons = append(reasons, line)
		}
	}
	_, err := io.WriteString(w, "\n"+strings.Join(reasons, "")+legend)
	return err
}

const legend = `CPU is that of the whole client process. Figures are medians of the repetitions. "A ÷ this" is A's figure
divided by that of the row's contender, pair by pair: median (least … most). 0.50 under CPU or p50: A takes
half; 2.00 under MiB/s: A is twice as fast. "~": within the noise, the pairs do not agree on who is ahead, or
are fewer than three.
`
