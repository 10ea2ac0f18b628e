package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/report"
)

var (
	sampleBlocks = []int{4096, 128 << 10}
	sampleDepths = []int{1, 16}
	sampleNames  = []string{"4 KiB", "128 KiB"} // of the blocks
)

// A page shows its report: what stands in the plots are the figures.
func TestPage(t *testing.T) {
	b := open(t)
	sample := newSample(sampleWays, sampleBlocks, sampleDepths)
	file := write(t, sample)
	l := b.load(t, file, 1200)

	t.Run("bars", func(t *testing.T) { checkBars(t, &l) })
	t.Run("percentiles", func(t *testing.T) { checkPercentiles(t, &l) })
	t.Run("curves", func(t *testing.T) { checkCurves(t, &l) })
	t.Run("tables", func(t *testing.T) { checkTables(t, &l) })
	t.Run("words", func(t *testing.T) { checkWords(t, &l) })
	t.Run("layout", func(t *testing.T) { checkLayout(t, b, sample) })
	t.Run("dark", func(t *testing.T) { checkDark(t, b, file, &l) })
	t.Run("download", func(t *testing.T) { checkDownload(t, b, file, sample) })
	t.Run("hostile", func(t *testing.T) { checkHostile(t, b) })
}

// near reports whether a pixel or so is all that is between two values.
func near(got, want, scale float64) bool { return math.Abs(got-want) <= 0.01*math.Abs(scale) }

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

func checkTables(t *testing.T, l *look) {
	if len(l.Tables) != 4 {
		t.Fatalf("%d tables, want one for each case", len(l.Tables))
	}
	got := l.Tables[1]
	if want := "nfs3, 4 KiB × 16, from nfs://[::1]/x (64 MiB of each file), TCP congestion control reno"; got.Caption != want {
		t.Errorf("caption %q, want %q", got.Caption, want)
	}
	head := got.Rows[0]
	cell := func(way int, name string) string {
		i := slices.Index(head, name)
		if i < 0 {
			t.Errorf("no column %q in %q", name, head)
			return ""
		}
		return got.Rows[1+way][i]
	}
	// 4 KiB × 16: 330, 360 and 390 MiB/s.
	for _, c := range []struct {
		way          int
		column, want string
	}{
		{0, "way", "uring"}, {2, "way", "libnfs"},
		{0, "MiB/s", "330 320…340"}, {1, "MiB/s", "360 349…371"}, {2, "MiB/s", "390 378…402"},
		{1, "CPU s/GiB", "0.240 0.233…0.247"}, {1, "user", "0.080 0.078…0.082"}, {1, "system", "0.160 0.155…0.165"},
		{0, "p50 µs", "640 621…659"}, {2, "p99 µs", "9,600 9,312…9,888"}, {2, "p99.9 µs", ""}, {0, "max µs", "64,000 62,080…65,920"},
		{0, "syscalls", "0.25"}, {2, "syscalls", ""},
		{0, "MiB/s ratio", ""}, {1, "MiB/s ratio", "0.92 0.92…0.92"}, {2, "p50 ratio", "0.33 0.33…0.33"},
	} {
		if text := cell(c.way, c.column); text != c.want {
			t.Errorf("%s, %s: %q, want %q", sampleWays[c.way], c.column, text, c.want)
		}
	}
}

// The page says what was measured, when, on what, and who was absent.
func checkWords(t *testing.T, l *look) {
	for _, want := range []string{
		"uringbench compare", "23 November 2026, 08:20 UTC", "Linux 6.1.0-test", "Example CPU", "2 CPUs", "congestion control bbr",
		"pinned to CPU 1", "nfs://[::1]/x", "64 MiB whole", "7 repetitions", "libgfapi: glusterfs/api/glfs.h is not installed",
		"within the noise",
	} {
		if !strings.Contains(strings.Join(strings.Fields(l.Text), " "), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(l.Text, "Interrupted") {
		t.Error("the page says that it was interrupted")
	}
}

// Nothing is wider than the screen, and no text is cut off or on top of another, with
// few ways and with many.
func checkLayout(t *testing.T, b *browser, sample *report.Report) {
	ways, depths := many(12, 6)
	crowd := newSample(ways, []int{1 << 20}, depths)
	crowd.Interrupted = true
	both := write(t, sample, crowd)
	for _, width := range []int64{1200, 400} {
		l := b.load(t, both, width)
		if l.ScrollWidth > l.Width {
			t.Errorf("at %d pixels the page is %.0f wide, of %.0f", width, l.ScrollWidth, l.Width)
		}
		if len(l.Plots) != 2*2+4*2+2+6*2 {
			t.Errorf("%d plots", len(l.Plots))
		}
		if !strings.Contains(l.Text, "Interrupted") {
			t.Error("the page does not say that it was interrupted")
		}
		for _, p := range l.Plots {
			wide, high := p.Box.Right-p.Box.Left, p.Box.Bottom-p.Box.Top
			if wide < 0.35*l.Width || high < 0.5*wide || p.Box.Left < 0 || p.Box.Right > l.Width {
				t.Errorf("at %d pixels %s is at %+v", width, p.Caption, p.Box)
			}
			if p.Title != p.Caption || p.Label != p.Caption {
				t.Errorf("%s is called %q and %q", p.Caption, p.Title, p.Label)
			}
			p.checkTexts(t)
		}
	}
}

func (p *plotLook) checkTexts(t *testing.T) {
	const slack = 1 // boxes are those of lines of text, letters are smaller
	for i, a := range p.Texts {
		if a.Box.Left < p.Box.Left-slack || a.Box.Right > p.Box.Right+slack || a.Box.Top < p.Box.Top-3 || a.Box.Bottom > p.Box.Bottom+3 {
			t.Errorf("%s: %q at %+v is cut off by %+v", p.Caption, a.Text, a.Box, p.Box)
		}
		if a.Box.Bottom-a.Box.Top < 8 {
			t.Errorf("%s: %q is %.1f pixels high", p.Caption, a.Text, a.Box.Bottom-a.Box.Top)
		}
		for _, o := range p.Texts[:i] {
			across := min(a.Box.Right, o.Box.Right) - max(a.Box.Left, o.Box.Left)
			along := min(a.Box.Bottom, o.Box.Bottom) - max(a.Box.Top, o.Box.Top)
			if across > slack && along > 3 && !(a.Turned && o.Turned) {
				t.Errorf("%s: %q is on top of %q: %+v, %+v", p.Caption, a.Text, o.Text, a.Box, o.Box)
			}
		}
	}
}

// In the dark all of it changes: the page, its text, and the plots.
func checkDark(t *testing.T, b *browser, file string, light *look) {
	scheme := func(value string) {
		params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, params); err != nil {
			t.Fatal(err)
		}
	}
	scheme("dark")
	defer scheme("light")
	dark := b.load(t, file, 1200)
	sum := func(c []float64) float64 { return c[0] + c[1] + c[2] }
	if sum(light.Ink) > 200 || sum(light.Paper) < 700 || sum(dark.Ink) < 600 || sum(dark.Paper) > 100 {
		t.Errorf("light: %v on %v; dark: %v on %v", light.Ink, light.Paper, dark.Ink, dark.Paper)
	}
	for i := range light.Plots {
		l, d := light.Plots[i].drawn("--ink", true)[0].Stroke, dark.Plots[i].drawn("--ink", true)[0].Stroke
		if l == d {
			t.Errorf("%s: axes are %s in light and dark", light.Plots[i].Caption, l)
		}
	}
	if diff := cmp.Diff(light.Tables, dark.Tables); diff != "" {
		t.Errorf("in the dark tables say something else:\n%s", diff)
	}
}
