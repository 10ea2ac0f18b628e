package page

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Points stand at their latencies on a logarithmic axis, above their percentiles.
func checkPercentiles(t *testing.T, l *look) {
	for i := range sampleBlocks {
		for _, depth := range sampleDepths {
			p := l.plot(t, fmt.Sprintf("Latency percentiles: %s × %d", sampleNames[i], depth))
			value := p.axis(t, true)
			for way, name := range sampleWays {
				times, marks := []float64{1, 2, 5, 20, 100}, []string{"p50", "p90", "p99", "p99.9", "max"}
				if name == "libnfs" { // does not tell p99.9
					times, marks = slices.Delete(times, 3, 4), slices.Delete(marks, 3, 4)
				}
				points := p.drawn(fmt.Sprintf("--w%d", way), false)
				if len(points) != len(times) {
					t.Errorf("%s: %d points of %s, want %d", p.Caption, len(points), name, len(times))
					continue
				}
				for k, point := range points {
					want := sampleP50(depth, way) * times[k]
					if got := value((point.Box.Top + point.Box.Bottom) / 2); !near(got, want, 3*want) {
						t.Errorf("%s, %s, %s: %.4g µs, want %.4g", p.Caption, name, marks[k], got, want)
					}
					if at := (point.Box.Left+point.Box.Right)/2 - p.mark(t, marks[k]); math.Abs(at) > (p.Box.Right-p.Box.Left)/10 {
						t.Errorf("%s, %s: %.0f pixels from %s", p.Caption, name, at, marks[k])
					}
				}
			}
		}
	}
}

// Curves go through the percentiles that they were made of, where the nines stand.
func checkCurves(t *testing.T, l *look) {
	p := l.plot(t, "Latency distribution: 4 KiB × 16")
	value := p.axis(t, true)
	half, nine := p.mark(t, "50%"), p.mark(t, "90%")
	perNine := (nine - half) / (1 - math.Log10(2))
	if three := p.mark(t, "99.9%"); !near(three-nine, 2*perNine, p.Box.Right-p.Box.Left) {
		t.Errorf("99.9%% is %.0f pixels from 90%%, want %.0f", three-nine, 2*perNine)
	}
	for way, name := range sampleWays {
		lines := p.drawn(fmt.Sprintf("--w%d", way), true)
		if name == "libnfs" { // does not tell its distribution
			if len(lines) > 0 {
				t.Errorf("a curve of %s", name)
			}
			continue
		}
		if len(lines) != 1 || lines[0].Stroke != l.Ways[name] {
			t.Fatalf("%s: %d lines, in %v, want one in %s", name, len(lines), lines, l.Ways[name])
		}
		for _, at := range []struct{ below, times float64 }{{0.3, 1}, {0.7, 2}, {0.95, 5}, {0.995, 20}} {
			x, want := nine+(-math.Log10(1-at.below)-1)*perNine, sampleP50(16, way)*at.times
			if got := value(lines[0].at(x)); !near(got, want, 5*want) {
				t.Errorf("%s: %.4g µs at %g %%, want %.4g", name, got, at.below*100, want)
			}
		}
	}
}
