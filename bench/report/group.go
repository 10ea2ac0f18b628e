package report

import "github.com/ringreadv/ringreadv/bench/stat"

// Group is the runs of one case, by way of reading.
type Group struct {
	Case Case
	Ways []WayRuns // in the order of their first runs
}

// WayRuns are the repetitions of one way, in order.
type WayRuns struct {
	Way  Way
	Runs []*Run
}

// Groups sorts runs by case, in the order of the first of each. Those with errors are
// left out: they show what failed, and no speed.
func Groups(runs []Run) []*Group {
	var list []*Group
	of := make(map[Case]*Group)
	for i := range runs {
		r := &runs[i]
		if r.Errors > 0 {
			continue
		}
		g := of[r.Case]
		if g == nil {
			g = &Group{Case: r.Case}
			of[r.Case] = g
			list = append(list, g)
		}
		w := g.Find(func(w Way) bool { return w == r.Way })
		if w == nil {
			g.Ways = append(g.Ways, WayRuns{Way: r.Way})
			w = &g.Ways[len(g.Ways)-1]
		}
		w.Runs = append(w.Runs, r)
	}
	return list
}

// Find returns the first way that will do, or nil.
func (g *Group) Find(will func(Way) bool) *WayRuns {
	for i := range g.Ways {
		if will(g.Ways[i].Way) {
			return &g.Ways[i]
		}
	}
	return nil
}

// Values are those of a metric, by repetition; nil if there is a run that does not
// tell it.
func (w *WayRuns) Values(m Metric) []float64 {
	list := make([]float64, len(w.Runs))
	for i, r := range w.Runs {
		v, ok := m.Of(r)
		if !ok {
			return nil
		}
		list[i] = v
	}
	return list
}

// Summary sums a metric up; ok is false if a run does not tell it.
func (w *WayRuns) Summary(m Metric) (s stat.Summary, ok bool) {
	values := w.Values(m)
	if len(values) == 0 {
		return s, false
	}
	return stat.Of(values), true
}

// Text is the median as tables show it, "" if there is none.
func (w *WayRuns) Text(m Metric) string {
	s, ok := w.Summary(m)
	if !ok {
		return ""
	}
	return m.Text(s.Median)
}

// Ratio relates a metric of w to that of another way, repetition by repetition; ok is
// false if one of the runs does not tell it: that may be the one that has little of it,
// and pairs without that would lie.
func (w *WayRuns) Ratio(m Metric, other *WayRuns) (stat.Ratio, bool) {
	theirs := make(map[int]*Run)
	for _, r := range other.Runs {
		theirs[r.Repeat] = r
	}
	var a, b []float64
	for _, r := range w.Runs {
		o := theirs[r.Repeat]
		if o == nil { // interrupted between the two
			continue
		}
		va, okA := m.Of(r)
		vb, okB := m.Of(o)
		if !okA || !okB {
			return stat.Ratio{}, false
		}
		a, b = append(a, va), append(b, vb)
	}
	return stat.RatioOf(a, b)
}
