package plot

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// span is what an axis has to hold.
type span struct{ low, high float64 }

var noRange = span{math.Inf(1), 0}

// add makes room for a value that a logarithmic axis can show.
func (s *span) add(v float64) {
	if v > 0 && !math.IsInf(v, 0) {
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
}

// leastRatio of the ends of an axis has two marks between them.
const leastRatio = 5

// logarithmic makes the Y axis one of times.
func logarithmic(p *plot.Plot, s span) {
	if s.high == 0 {
		s = span{1, 10}
	}
	p.Y.Scale = plot.LogScale{}
	margin := 1.15
	if ratio := s.high / s.low; ratio < leastRatio {
		margin = max(margin, math.Sqrt(leastRatio/ratio))
	}
	p.Y.Min, p.Y.Max = s.low/margin, s.high*margin
	p.Y.Tick.Marker = times{}
}

// times marks a logarithmic axis of microseconds: decades, and what is between them
// where there are few.
type times struct{}

// Ticks implements plot.Ticker.
func (times) Ticks(low, high float64) []plot.Tick {
	steps := []float64{1, 2, 5}
	if high/low > 300 {
		steps = steps[:1]
	}
	var marks []plot.Tick
	for decade := math.Pow10(int(math.Floor(math.Log10(low)))); decade <= high; decade *= 10 {
		for _, step := range steps {
			if v := decade * step; low <= v && v <= high {
				marks = append(marks, plot.Tick{Value: v, Label: timeName(v)})
			}
		}
	}
	return marks
}

// timeName is 20 µs, 5 ms, 1 s.
func timeName(micros float64) string {
	unit := " µs"
	switch {
	case micros >= 1e6:
		micros, unit = micros/1e6, " s"
	case micros >= 1e3:
		micros, unit = micros/1e3, " ms"
	}
	return strconv.FormatFloat(round(micros), 'f', -1, 64) + unit
}
