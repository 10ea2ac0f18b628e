package page

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringreadv/ringreadv/bench/page/plot"
	"github.com/ringreadv/ringreadv/bench/report"
)

// ticks is how many points a curve has until half of what is left: all that can be
// told apart.
const ticks = 5

// curve is the distribution of latency over all runs of a way; nil if none of them
// tells it.
func curve(w *report.WayRuns) ([]plot.Point, error) {
	if w == nil {
		return nil, nil
	}
	var all *hdrhistogram.Histogram
	for _, r := range w.Runs {
		if r.Histogram == "" {
			continue
		}
		h, err := hdrhistogram.Decode([]byte(r.Histogram))
		if err != nil {
			return nil, fmt.Errorf("the latency histogram of repetition %d: %w", r.Repeat, err)
		}
		if all == nil {
			all = h
		} else {
			all.Merge(h)
		}
	}
	if all == nil {
		return nil, nil
	}
	var points []plot.Point
	for _, b := range all.CumulativeDistributionWithTicks(ticks) {
		points = append(points, plot.Point{Below: b.Quantile / 100, Micros: float64(b.ValueAt) / 1e3})
	}
	return points, nil
}
