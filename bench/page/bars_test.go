package page

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Bars begin at zero and end where the axis has their values; each has the colour that
// the list of ways gives it, and they stand in the order of cases and ways.
func checkBars(t *testing.T, l *look) {
	for i, block := range sampleBlocks {
		for _, kind := range []struct {
			caption, unit string
			whole         func(depth, way int) float64
			lower         func(depth, way int) float64
		}{
			{"Throughput", "MiB/s", func(depth, way int) float64 { return sampleMiBPerS(block, depth, way) },
				func(depth, way int) float64 { return sampleMiBPerS(block, depth, way) }},
			{"CPU time of the client, user and above it system", "CPU s/GiB",
				func(depth, way int) float64 { return sampleUser(depth, way) + sampleSystem(way) }, sampleUser},
		} {
			p := l.plot(t, kind.caption+": blocks of "+sampleNames[i])
			value := p.axis(t, false)
			if !slices.ContainsFunc(p.Texts, func(s textLook) bool { return s.Text == kind.unit && s.Turned }) {
				t.Errorf("%s: no unit %s: %v", p.Caption, kind.unit, p.Texts)
			}
			most := 0.0
			for _, depth := range sampleDepths {
				for way := range sampleWays {
					most = max(most, kind.whole(depth, way))
				}
			}
			for way, name := range sampleWays {
				bars := p.drawn(fmt.Sprintf("--w%d", way), false)
				if len(bars) != len(sampleDepths) {
					t.Errorf("%s: %d bars of %s, want %d", p.Caption, len(bars), name, len(sampleDepths))
					continue
				}
				for k, depth := range sampleDepths {
					bar := bars[k]
					if bottom, top := value(bar.Box.Bottom), value(bar.Box.Top); !near(bottom, 0, most) || !near(top, kind.lower(depth, way), most) {
						t.Errorf("%s, depth %d, %s: a bar from %.4g to %.4g, want 0 to %.4g", p.Caption, depth, name, bottom, top, kind.lower(depth, way))
					}
					if bar.Fill != l.Ways[name] {
						t.Errorf("%s, %s: colour %s, the list says %s", p.Caption, name, bar.Fill, l.Ways[name])
					}
					middle, room := p.mark(t, fmt.Sprintf("%s × %d", sampleNames[i], depth)), (p.Box.Right-p.Box.Left)/4
					if at := (bar.Box.Left+bar.Box.Right)/2 - middle; math.Abs(at) > room || way == 0 && at >= 0 || way == 2 && at <= 0 {
						t.Errorf("%s, depth %d, %s: %.0f pixels from its name", p.Caption, depth, name, at)
					}
				}
				pale := p.drawn(fmt.Sprintf("--p%d", way), false)
				if kind.unit == "MiB/s" {
					if len(pale) > 0 {
						t.Errorf("%s: throughput is divided", p.Caption)
					}
					continue
				}
				for k, depth := range sampleDepths {
					if top := value(pale[k].Box.Top); !near(top, kind.whole(depth, way), most) || math.Abs(pale[k].Box.Bottom-bars[k].Box.Top) > 0.5 {
						t.Errorf("%s, depth %d, %s: system above user up to %.4g, want %.4g", p.Caption, depth, name, top, kind.whole(depth, way))
					}
				}
			}
			checkIntervals(t, p, kind.whole, most)
		}
	}
}

// checkIntervals: of seven repetitions the interval is from the least to the most, 3 %
// off the median. Bars carry the upright lines in ink that are no axis.
func checkIntervals(t *testing.T, p *plotLook, whole func(depth, way int) float64, most float64) {
	value := p.axis(t, false)
	var lines []shape
	for _, s := range p.drawn("--ink", true) {
		axis := s.Box.Bottom-s.Box.Top > (p.Box.Bottom-p.Box.Top)*0.7
		if upright := s.Box.Bottom-s.Box.Top > s.Box.Right-s.Box.Left; upright && !axis && value(s.Box.Top) > 0 {
			lines = append(lines, s)
		}
	}
	var want []float64
	for _, depth := range sampleDepths {
		for way := range sampleWays {
			want = append(want, whole(depth, way))
		}
	}
	found := 0
	for _, w := range want {
		if slices.ContainsFunc(lines, func(s shape) bool {
			return near(value(s.Box.Bottom), w*0.97, most) && near(value(s.Box.Top), w*1.03, most)
		}) {
			found++
		}
	}
	if found != len(want) {
		t.Errorf("%s: %d intervals, want %d", p.Caption, found, len(want))
	}
}
