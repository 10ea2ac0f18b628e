package stat

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestOf(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   Summary
	}{
		{[]float64{3}, Summary{1, 3, -inf, inf, 3, 0, 3, 3}},
		{[]float64{4, 1, 2, 100}, Summary{4, 3, -inf, inf, 26.75, math.Sqrt((22.75*22.75 + 25.75*25.75 + 24.75*24.75 + 73.25*73.25) / 3), 1, 100}},
		// Of six the least and the most hold the median with 1 − 2/2⁶ = 96.9 %.
		{[]float64{6, 1, 5, 2, 4, 3}, Summary{6, 3.5, 1, 6, 3.5, math.Sqrt(3.5), 1, 6}},
		// Of ten the second and the ninth do, with 97.9 %.
		{[]float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5}, Summary{10, 5.5, 2, 9, 5.5, math.Sqrt(82.5 / 9), 1, 10}},
	} {
		got := Of(c.values)
		if got.N != c.want.N || got.Median != c.want.Median || got.Low != c.want.Low || got.High != c.want.High ||
			!near(got.Mean, c.want.Mean) || !near(got.SD, c.want.SD) || got.Min != c.want.Min || got.Max != c.want.Max {
			t.Errorf("Of(%v) = %+v, want %+v", c.values, got, c.want)
		}
	}
}

// What is within the noise is not called a difference.
func TestRatio(t *testing.T) {
	for _, c := range []struct {
		a, b           []float64
		ratio, percent string
	}{
		{[]float64{5, 6, 4, 5, 5, 5}, []float64{10, 10, 10, 10, 10, 10}, "0.50 (0.40…0.60)", "−50% (−60…−40)"},
		{[]float64{20, 21, 22, 21, 21, 21}, []float64{10, 10, 10, 10, 10, 10}, "2.10 (2.00…2.20)", "+110% (+100…+120)"},
		{[]float64{5, 6, 10.1, 5, 5, 5}, []float64{10, 10, 10, 10, 10, 10}, "~ 0.50 (0.50…1.01)", "~ −50% (−50…+1)"},
		{[]float64{1, 1, 1, 1, 1, 1}, []float64{1, 1, 1, 1, 1, 1}, "~ 1.00 (1.00…1.00)", "~ +0.0% (+0…+0)"},
		// Five pairs that agree are too few for 95 %.
		{[]float64{5, 6, 4, 5, 5}, []float64{10, 10, 10, 10, 10}, "~ 0.50 (0.40…0.60)", "~ −50% (−60…−40)"},
		// One pair of ten that disagrees is not enough for a doubt.
		{[]float64{5, 5, 5, 5, 5, 5, 5, 5, 5, 20}, []float64{10, 10, 10, 10, 10, 10, 10, 10, 10, 10}, "0.50 (0.50…0.50)", "−50% (−50…−50)"},
		// The machine slows down from repetition to repetition; the pairs agree.
		{[]float64{110, 56, 11, 1.1, 220, 440}, []float64{100, 50, 10, 1, 200, 400}, "1.10 (1.10…1.12)", "+10% (+10…+12)"},
		{[]float64{5, 5, 5, 5, 5, 5, 1}, []float64{10, 10, 10, 10, 10, 10, 0}, "0.50 (0.50…0.50)", "−50% (−50…−50)"},
		{[]float64{1.054, 1.054, 1.054, 1.054, 1.054, 1.054}, []float64{1, 1, 1, 1, 1, 1}, "1.05 (1.05…1.05)", "+5.4% (+5…+5)"},
	} {
		r, ok := RatioOf(c.a, c.b)
		if !ok || r.String() != c.ratio || r.Percent() != c.percent {
			t.Errorf("%v ÷ %v: %q, %q; want %q, %q", c.a, c.b, r, r.Percent(), c.ratio, c.percent)
		}
	}
	if _, ok := RatioOf([]float64{1, 2}, []float64{0, 0}); ok {
		t.Error("a ratio to nothing")
	}
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		before, after []float64
		want          string
	}{
		{[]float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}, "+285.7% (p=0.002)"},
		{[]float64{11, 12, 13, 14, 15, 16}, []float64{1, 2, 3, 4, 5, 6}, "−74.1% (p=0.002)"},
		{[]float64{1, 2, 3, 4, 5, 6}, []float64{1.5, 2.5, 3.5, 4.5, 5.5, 0.5}, "~ (p=0.699)"},
		{[]float64{1, 2, 3}, []float64{11, 12, 13}, "~ (too few)"}, // p is 0.1 at best
		{[]float64{1, 2, 3, 4}, []float64{11, 12, 13, 14}, "+400.0% (p=0.029)"},
		{[]float64{1}, []float64{2}, "~ (too few)"},
		{[]float64{0, 0, 0, 0, 0}, []float64{1, 2, 1, 2, 1}, "changed (p=0.008)"},
		{[]float64{1, 1, 1, 1}, []float64{1, 1, 1, 1}, "~ (p=1.000)"},
	} {
		if got := ChangeOf(c.before, c.after).String(); got != c.want {
			t.Errorf("%v to %v: %q, want %q", c.before, c.after, got, c.want)
		}
	}
}
