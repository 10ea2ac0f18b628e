package page

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/report"
)

// Nothing is wider than the screen, and no text is cut off or on top of another, with
// few ways and with many.
func checkLayout(t *testing.T, b *browser, sample *report.Report) {
	ways, depths := many(12, 7)
	if testing.Short() {
		ways, depths = ways[:4], depths[:2]
	}
	crowd := newSample(ways, []int{1 << 20}, depths)
	crowd.Interrupted = true
	for i := range crowd.Runs {
		crowd.Runs[i].RatePerS = 12345
		crowd.Runs[i].Latency.P999 = 0
	}
	both := write(t, sample, crowd)
	for _, width := range []int64{1200, 400} {
		l := b.load(t, both, width)
		if l.ScrollWidth > l.Width {
			t.Errorf("at %d pixels the page is %.0f wide, of %.0f", width, l.ScrollWidth, l.Width)
		}
		if len(l.Plots) != 2*2+4*2+2+len(depths)*2 {
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
			if title := "Latency percentiles: 1 MiB"; strings.HasPrefix(p.Caption, title) && strings.Contains(fmt.Sprint(p.Texts), "p99.9") {
				t.Errorf("%s has a place for p99.9, which nobody tells", p.Caption)
			}
		}
	}
}

// Texts of plots are as wide in every font.
func checkFonts(t *testing.T, b *browser, file string) {
	before := b.load(t, file, 1200)
	after, err := chromedp.Run(b.ctx, chromedp.Evaluate[look](
		`document.head.insertAdjacentHTML("beforeend", "<style>.plot text { font-family: monospace; font-weight: bold }</style>");`+lookJS))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range after.Plots {
		for k, s := range p.Texts {
			was := before.Plots[i].Texts[k].Box
			wide, long := s.Box.Right-s.Box.Left, was.Right-was.Left
			if s.Turned {
				wide, long = s.Box.Bottom-s.Box.Top, was.Bottom-was.Top
			}
			if math.Abs(wide-long) > 2 {
				t.Errorf("%s: %q is %.1f wide, and %.1f in another font", p.Caption, s.Text, long, wide)
			}
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
