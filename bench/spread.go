package bench

import (
	"math"
	"slices"
)

// Spread sums up some values of one quantity.
type Spread struct{ Median, Min, Max float64 }

// SpreadOf returns the spread of at least one value.
func SpreadOf(values []float64) Spread {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	median := s[n/2]
	if n%2 == 0 {
		median = (s[n/2-1] + s[n/2]) / 2
	}
	return Spread{median, s[0], s[n-1]}
}

// Gains compares measurements pair by pair, those of one repetition with each
// other, and returns by how much b is above a, in percent. Pairs in which a is
// not above zero do not count; ok is false if none is left.
func Gains(a, b []float64) (s Spread, ok bool) {
	var gains []float64
	for i := range min(len(a), len(b)) {
		if a[i] > 0 && !math.IsInf(a[i], 0) {
			gains = append(gains, (b[i]/a[i]-1)*100)
		}
	}
	if len(gains) == 0 {
		return Spread{}, false
	}
	return SpreadOf(gains), true
}
