package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// turns are runs of two ways in turns: of the first as it is, and of the other with
// its figures times something.
func turns(n int, cpu, seconds, p99 func(repeat int) float64) *Group {
	var runs []Run
	for i := range n {
		a := measured(nfsCase, uringDirect, i+1, 1, 0.01, 100)
		b := measured(nfsCase, loop, i+1, seconds(i), 0.01*cpu(i), 100)
		b.Latency.P99 *= p99(i)
		runs = append(runs, a, b)
	}
	return Groups(runs)[0]
}

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

// noise goes both ways.
func noise(repeat int) float64 { return 1 + 0.1*float64(repeat%2*2-1) }

func TestVerdicts(t *testing.T) {
	for want, g := range map[string]*Group{
		"uring direct takes 0.50 of loop's CPU time (0.50…0.50), brings 4.00 times its MiB/s (4.00…4.00) and has 0.80 of its p99 (0.80…0.80)":    turns(6, always(2), always(4), always(1.25)),
		"uring direct takes 2.00 times loop's CPU time (2.00…2.00), brings 0.25 of its MiB/s (0.25…0.25) and has 2.00 times its p99 (2.00…2.00)": turns(7, always(0.5), always(0.25), always(0.5)),
		"uring direct brings 2.00 times loop's MiB/s (2.00…2.00); no difference beyond the noise in CPU time and p99":                            turns(8, noise, always(2), noise),
		"uring direct takes 0.50 of loop's CPU time (0.50…0.50) and has 0.50 of its p99 (0.50…0.50); no difference beyond the noise in MiB/s":    turns(8, always(2), noise, always(2)),
		"no difference beyond the noise between uring direct and loop in CPU time, MiB/s and p99":                                                turns(10, noise, noise, noise),
		"no difference beyond the noise between uring direct and loop in CPU time and MiB/s":                                                     turns(10, noise, noise, always(0)),
		"5 repetitions: too few to tell a difference from noise, which takes 6":                                                                  turns(5, always(2), always(4), always(1.25)),
		"1 repetition: too few to tell a difference from noise, which takes 6":                                                                   turns(1, always(2), always(4), always(1.25)),
	} {
		if diff := cmp.Diff([]string{want}, g.Verdicts()); diff != "" {
			t.Error(diff)
		}
	}
	three := turns(6, always(2), always(1), noise)
	three.Ways = append(three.Ways, WayRuns{Way: netconn, Runs: three.Ways[0].Runs})
	want := []string{
		"uring direct takes 0.50 of loop's CPU time (0.50…0.50); no difference beyond the noise in MiB/s and p99",
		"no difference beyond the noise between uring direct and netconn direct in CPU time, MiB/s and p99",
	}
	if diff := cmp.Diff(want, three.Verdicts()); diff != "" {
		t.Error(diff)
	}
	if alone := (&Group{Ways: three.Ways[:1]}).Verdicts(); alone != nil {
		t.Error(alone)
	}
}

// A way whose bytes nobody compared is marked, and what the mark means is said.
func TestUncheckedIsMarked(t *testing.T) {
	for checked, marked := range map[string]bool{"compared": true, "": false} {
		r := someReport()
		r.Setup.Checked = checked
		for i := range r.Runs {
			r.Runs[i].Unchecked = r.Runs[i].Name == "loop"
		}
		var b strings.Builder
		if err := r.WriteCell(&b, Groups(r.Runs)[0]); err != nil {
			t.Fatal(err)
		}
		for _, mark := range []string{"loop*", "\n* its bytes were not compared"} {
			if strings.Contains(b.String(), mark) != marked {
				t.Errorf("checked %q: %q in\n%s", checked, mark, b.String())
			}
		}
	}
}

// That repetitions are too few is said once, not under each table.
func TestTooFewIsSaidOnce(t *testing.T) {
	for repeat, want := range map[int]string{5: "ground", 6: "table"} {
		r := someReport()
		r.Setup.Repeat = repeat
		runs := r.Runs[:2*5] // of six the last was interrupted
		var ground, table strings.Builder
		if err := errors.Join(r.WriteGround(&ground), r.WriteCell(&table, Groups(runs)[0])); err != nil {
			t.Fatal(err)
		}
		for where, text := range map[string]string{"ground": ground.String(), "table": table.String()} {
			if strings.Contains(text, "too few") != (where == want) {
				t.Errorf("of %d repetitions 5, in the %s:\n%s", repeat, where, text)
			}
		}
		if repeat < 6 && !strings.Contains(ground.String(), "--repeat 6") {
			t.Errorf("nothing to try:\n%s", ground.String())
		}
	}
}
