package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench/page/plot"
	"github.com/ringreadv/ringreadv/bench/report"
)

// class names a style in the page's CSS.
func class(style int) string {
	const colours = plot.Styles / 2
	c := fmt.Sprintf("w%d", style%colours)
	if style >= colours {
		c += " edged"
	}
	return c
}

// manyCases are more than have room for their names.
const manyCases = 5

// overview shows throughput and CPU time of all cases. Block sizes have figures of
// their own: what is much for one is nothing to another.
func overview(groups []*report.Group, ways []way) (list []figure, err error) {
	var blocks []string
	of := make(map[string][]*report.Group)
	for _, g := range groups {
		b := g.Case.Block()
		if of[b] == nil {
			blocks = append(blocks, b)
		}
		of[b] = append(of[b], g)
	}
	for _, b := range blocks {
		for _, f := range []struct {
			what  string
			m     report.Metric
			parts bool
		}{
			{"Throughput", report.MiBPerS, false},
			{"CPU time of the client, user and above it system", report.CPUSPerGiB, true},
		} {
			bars := plot.Bars{Title: f.what + ": blocks of " + b, Unit: f.m.Name, Parts: f.parts}
			for _, g := range of[b] {
				name := caseName(g.Case)
				if len(of[b]) > manyCases { // the title has the block
					name = strings.TrimPrefix(name, b+" ")
				}
				bars.Categories = append(bars.Categories, name)
			}
			for _, w := range ways {
				s := plot.Series{Style: w.style}
				for _, g := range of[b] {
					v := value(w.of(g), f.m)
					v.Lower = v.Median * userShare(w.of(g))
					s.Values = append(s.Values, v)
				}
				bars.Series = append(bars.Series, s)
			}
			if list, err = add(list, bars.Title, bars.SVG); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func add(list []figure, caption string, draw func() (template.HTML, error)) ([]figure, error) {
	svg, err := draw()
	return append(list, figure{caption, svg}), err
}

// value is a metric of a way; Missing without runs, or if they do not tell it.
func value(w *report.WayRuns, m report.Metric) plot.Value {
	if w == nil {
		return plot.Value{Median: plot.Missing}
	}
	s, ok := w.Summary(m)
	if !ok {
		return plot.Value{Median: plot.Missing}
	}
	low, high := s.Range()
	return plot.Value{Median: s.Median, Low: low, High: high}
}

// userShare is how much of the CPU time of all repetitions was in user mode.
func userShare(w *report.WayRuns) float64 {
	if w == nil {
		return 0
	}
	var user, all float64
	for _, r := range w.Runs {
		user += r.CPUUserS
		all += r.CPUUserS + r.CPUSystemS
	}
	return user / max(all, 1e-9)
}

// percentiles are those that figures show, if a way tells them.
var percentiles = []report.Metric{report.P50, report.P90, report.P99, report.P999, report.Max}

// latencies shows how long reads of a case took.
func latencies(g *report.Group, ways []way) (list []figure, err error) {
	of := ": " + caseName(g.Case)
	points := plot.Percentiles{Title: "Latency percentiles" + of}
	told := slices.DeleteFunc(slices.Clone(percentiles), func(m report.Metric) bool {
		return !slices.ContainsFunc(ways, func(w way) bool { return !math.IsNaN(value(w.of(g), m).Median) })
	})
	for _, m := range told {
		points.Categories = append(points.Categories, strings.TrimSuffix(m.Name, " µs"))
	}
	curves := plot.Curves{Title: "Latency distribution" + of}
	for _, w := range ways {
		runs := w.of(g)
		s := plot.Series{Style: w.style}
		for _, m := range told {
			s.Values = append(s.Values, value(runs, m))
		}
		points.Series = append(points.Series, s)
		c, err := curve(runs)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", w.name, caseName(g.Case), err)
		}
		if c != nil {
			curves.Series = append(curves.Series, plot.Curve{Style: w.style, Points: c})
		}
	}
	if list, err = add(list, points.Title, points.SVG); err != nil || len(curves.Series) == 0 {
		return list, err
	}
	return add(list, curves.Title, curves.SVG)
}
