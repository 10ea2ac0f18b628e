package stat

import (
	"fmt"
	"math"
	"strings"
)

// Ratio is how one quantity relates to another that was measured in turns with it,
// pair by pair: what slows the machine down for a while slows both of a pair.
type Ratio struct{ Summary }

// RatioOf returns a divided by b of each pair. Pairs in which b is not above zero do
// not count; ok is false if none is left.
func RatioOf(a, b []float64) (r Ratio, ok bool) {
	var all []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 && !math.IsInf(b[i], 0) {
			all = append(all, a[i]/b[i])
		}
	}
	if len(all) == 0 {
		return Ratio{}, false
	}
	return Ratio{Of(all)}, true
}

// Noise reports whether the pairs do not tell, with 95 % confidence, which of the two
// is more.
func (r Ratio) Noise() bool { return r.within(1) }

// String is the median and its interval, or the least and the most of too few pairs:
// 0.57 (0.55…0.60), with a ~ before it if it is noise.
func (r Ratio) String() string {
	low, high := r.Range()
	return r.mark() + fmt.Sprintf("%.2f (%.2f…%.2f)", r.Median, low, high)
}

// Percent is the same as a gain: +5.4% (+4…+7).
func (r Ratio) Percent() string {
	low, high := r.Range()
	gain := func(v float64) float64 { return (v - 1) * 100 }
	// A fraction only where it is not drowned.
	digits := 0
	if math.Abs(gain(r.Median)) < 9.95 {
		digits = 1
	}
	text := fmt.Sprintf("%+.*f%% (%+.0f…%+.0f)", digits, gain(r.Median), gain(low), gain(high))
	return r.mark() + strings.ReplaceAll(text, "-", "−")
}

func (r Ratio) mark() string {
	if r.Noise() {
		return "~ "
	}
	return ""
}
