package report

import (
	"fmt"
	"strings"

	"github.com/ringreadv/ringreadv/bench/stat"
)

// judged are the metrics that verdicts are about.
var judged = []struct {
	metric     Metric
	verb, name string
}{
	{CPUUsPerRead, "takes", "CPU time"},
	{MiBPerS, "brings", "MiB/s"},
	{P99, "has", "p99"},
}

// Verdicts say in words how the first way relates to each other one, a line for each.
// What is within the noise is not called a difference; of repetitions that are too few
// to tell there is one line.
func (g *Group) Verdicts() (lines []string) {
	first := &g.Ways[0]
	for i := range g.Ways[1:] {
		other := &g.Ways[i+1]
		if n := min(len(first.Runs), len(other.Runs)); n < stat.MinValues {
			return []string{fmt.Sprintf("%s: too few to tell a difference from noise, which takes %d", plural(n, "repetition"), stat.MinValues)}
		}
		lines = append(lines, verdict(first, other))
	}
	return lines
}

func verdict(first, other *WayRuns) string {
	var differ, same []string
	whose := other.Way.Name + "'s"
	for _, j := range judged {
		r, ok := first.Ratio(j.metric, other)
		if !ok {
			continue // one of them does not tell it
		}
		if r.Noise() {
			same = append(same, j.name)
			continue
		}
		of := "of"
		if r.Median > 1 {
			of = "times"
		}
		low, high := r.Range()
		differ = append(differ, fmt.Sprintf("%s %.2f %s %s %s (%.2f…%.2f)", j.verb, r.Median, of, whose, j.name, low, high))
		whose = "its"
	}
	switch {
	case len(differ) == 0:
		return fmt.Sprintf("no difference beyond the noise between %s and %s in %s", first.Way.Name, other.Way.Name, enumerate(same))
	case len(same) == 0:
		return first.Way.Name + " " + enumerate(differ)
	}
	return fmt.Sprintf("%s %s; no difference beyond the noise in %s", first.Way.Name, enumerate(differ), enumerate(same))
}

// enumerate is a, b and c.
func enumerate(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}
