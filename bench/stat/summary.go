// Package stat sums up repeated measurements. It assumes nothing of how values are
// distributed: medians with an interval that holds the true one with 95 % confidence
// (order statistics), and the Mann-Whitney U test, both of golang.org/x/perf/benchmath,
// which is behind benchstat.
package stat

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Confidence is that of every interval.
const Confidence = 0.95

// MinValues is how many values it takes to say anything with [Confidence]: of fewer
// even the least and the most may lie on one side of the true median.
const MinValues = 6

// Summary sums up some values of one quantity.
type Summary struct {
	N      int
	Median float64
	// Low and High hold the true median with 95 % confidence. Of fewer than
	// MinValues they are infinite.
	Low, High float64
	Mean      float64
	// SD is the standard deviation of the values, 0 of one.
	SD       float64
	Min, Max float64
}

// Of sums up at least one value.
func Of(values []float64) Summary {
	v := slices.Sorted(slices.Values(values))
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(v, &benchmath.DefaultThresholds), Confidence)
	sum := Summary{N: len(v), Median: s.Center, Low: s.Lo, High: s.Hi, Min: v[0], Max: v[len(v)-1]}
	for _, x := range v {
		sum.Mean += x / float64(len(v))
	}
	if len(v) > 1 {
		for _, x := range v {
			sum.SD += (x - sum.Mean) * (x - sum.Mean)
		}
		sum.SD = math.Sqrt(sum.SD / float64(len(v)-1))
	}
	return sum
}

// Bounded reports whether there are values enough for an interval.
func (s Summary) Bounded() bool { return s.N >= MinValues }

// Range is the interval, or the least and the most of too few values for one.
func (s Summary) Range() (low, high float64) {
	if s.Bounded() {
		return s.Low, s.High
	}
	return s.Min, s.Max
}

// within reports whether the true median may be v.
func (s Summary) within(v float64) bool { return !s.Bounded() || s.Low <= v && v <= s.High }
