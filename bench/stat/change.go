package stat

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Change is how a quantity that was measured at one time relates to itself at another.
type Change struct {
	Old, New Summary
	// P is how likely the values are as different as they are if nothing has changed.
	P float64
	// TooFew: not even values that do not overlap would tell.
	TooFew bool
}

// alpha is the most that P may be for a change to be called one.
const alpha = 1 - Confidence

// ChangeOf compares at least one value of each.
func ChangeOf(before, after []float64) Change {
	sample := func(v []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(v), &benchmath.DefaultThresholds)
	}
	c := benchmath.AssumeNothing.Compare(sample(before), sample(after))
	return Change{Of(before), Of(after), c.P, bestP(len(before), len(after)) >= alpha}
}

// bestP is the least that P can be: that of values that do not overlap. Of all ways to
// put them in order two have that.
func bestP(m, n int) float64 {
	ways := 1.0
	for i := range n {
		ways = ways * float64(m+i+1) / float64(i+1)
	}
	return 2 / ways
}

// Noise reports whether the difference may be none.
func (c Change) Noise() bool { return c.TooFew || c.P >= alpha }

// Percent is the new median above the old one.
func (c Change) Percent() float64 { return (c.New.Median/c.Old.Median - 1) * 100 }

// String is +5.4% (p=0.002), or ~ (p=0.310).
func (c Change) String() string {
	switch {
	case c.TooFew:
		return "~ (too few)"
	case c.Noise():
		return fmt.Sprintf("~ (p=%.3f)", c.P)
	case math.IsInf(c.Percent(), 0) || math.IsNaN(c.Percent()):
		return fmt.Sprintf("changed (p=%.3f)", c.P)
	}
	return strings.ReplaceAll(fmt.Sprintf("%+.1f%% (p=%.3f)", c.Percent(), c.P), "-", "−")
}
