package bench

import (
	"math"
	"testing"
)

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{3}, Spread{3, 3, 3}},
		{[]float64{9, 1, 2}, Spread{2, 1, 9}},
		{[]float64{4, 1, 2, 100}, Spread{3, 1, 100}},
	} {
		if got := SpreadOf(c.values); got != c.want {
			t.Errorf("SpreadOf(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestGains(t *testing.T) {
	// The machine slows down from repetition to repetition; the pairs agree.
	before, after := []float64{100, 50, 10}, []float64{110, 56, 11}
	got, ok := Gains(before, after)
	want := Spread{10, 10, 12}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	if !ok || !near(got.Median, want.Median) || !near(got.Min, want.Min) || !near(got.Max, want.Max) {
		t.Errorf("Gains = %v, %v; want %v", got, ok, want)
	}
	if _, ok := Gains([]float64{0, 0}, []float64{1, 2}); ok {
		t.Error("gains over nothing")
	}
}

func TestPercent(t *testing.T) {
	for want, s := range map[string]Spread{
		"+5.4% (−2…+11)":   {5.42, -2.4, 11},
		"−28% (−30…−25)":   {-28.3, -30, -25},
		"+0.0% (+0…+0)":    {0, 0, 0},
		"+100% (+90…+200)": {100, 90, 200},
	} {
		if got := percent(s, true); got != want {
			t.Errorf("percent(%v) = %q, want %q", s, got, want)
		}
	}
}
