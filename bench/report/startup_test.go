package report

import (
	"slices"
	"strings"
	"testing"
)

// What starting took is said beside what is left, and where nothing is left no figure
// pretends to know.
func TestStartUps(t *testing.T) {
	r := someReport()
	var fio []*Run
	for i := range r.Runs {
		if u := &r.Runs[i]; u.Name == loop.Name {
			u.StartUpS = 0.004 + float64(len(fio))/1000 // median 0.0065, and 0.0125 is left
			fio = append(fio, u)
		}
	}
	g := func() *Group { return Groups(r.Runs)[0] }
	text := func() string {
		var b strings.Builder
		if err := r.WriteCell(&b, g()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, u := range fio {
		u.StartUpS *= 10
		u.CPUUserS, u.CPUSystemS = -0.01, u.CPUUserS+u.CPUSystemS+0.09
		u.Derive()
	}
	want := "loop: start-up, which is subtracted, is 0.07 s of CPU time on median, and what is left 0.09 s"
	if got := r.StartUps(g()); !slices.Equal(got, []string{want}) || !strings.Contains(text(), " "+want+"\n") {
		t.Errorf("%q\n%s", got, text())
	}
	_, known := g().Ways[1].Summary(CPUSPerGiB)
	if _, user := g().Ways[1].Summary(CPUUserSPerGiB); !known || user {
		t.Errorf("CPU time known %t; user time below zero known %t", known, user)
	}
	if _, ok := g().Ways[0].Ratio(CPUUsPerRead, &g().Ways[1]); !ok {
		t.Error("no ratio")
	}

	for _, u := range fio[:4] {
		u.CPUUserS, u.CPUSystemS, u.Wakeups = 0, 0, -3
		u.Derive()
	}
	want = "; of 4 of 6 runs nothing is left: CPU time is not known; --time 2s would tell more"
	if got := r.StartUps(g()); len(got) != 1 || !strings.HasSuffix(got[0], want) {
		t.Errorf("%q", got)
	}
	for _, m := range []Metric{CPUUsPerRead, CPUSPerGiB, CPUUserSPerGiB, CPUSystemSPerGiB, Wakeups} {
		if s, ok := g().Ways[1].Summary(m); ok {
			t.Errorf("%s: %+v", m.Name, s)
		}
		if ratio, ok := g().Ways[0].Ratio(m, &g().Ways[1]); ok {
			t.Errorf("%s: a ratio, %v, of the runs that happen to tell", m.Name, ratio)
		}
	}
	if strings.Contains(text(), "CPU time (") || strings.Contains(text(), "-0.") {
		t.Error(text())
	}
	r.Setup.Seconds = 5
	if got := r.StartUps(g()); len(got) != 1 || strings.Contains(got[0], "--time") {
		t.Errorf("%q", got)
	}
}
