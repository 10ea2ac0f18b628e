package page

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// look is what a browser shows of a page.
type look struct {
	Width, ScrollWidth float64
	Ink, Paper         []float64 // red, green, blue
	Scripts, Images    int
	Text               string
	Plots              []plotLook
	Tables             []tableLook
	Ways               map[string]string // name to colour
}

// box is in CSS pixels of the page.
type box struct{ Left, Top, Right, Bottom float64 }

type plotLook struct {
	Caption, Title, Label string
	Box                   box
	Texts                 []textLook
	Shapes                []shape
}

type textLook struct {
	Text   string
	Box    box
	Turned bool
}

// shape is something drawn in one colour.
type shape struct {
	Fill, Stroke string // "" if it has none
	Variable     string // of CSS, that it is drawn with
	Box          box
	Path         [][2]float64 // points of it, for lines
}

// at is the height of a line over x; NaN beside it.
func (s shape) at(x float64) float64 {
	for i := 1; i < len(s.Path); i++ {
		if a, b := s.Path[i-1], s.Path[i]; a[0] <= x && x <= b[0] && a[0] < b[0] {
			return a[1] + (b[1]-a[1])*(x-a[0])/(b[0]-a[0])
		}
	}
	return math.NaN()
}

type tableLook struct {
	Caption string
	Rows    [][]string
}

//go:embed testdata/look.js
var lookJS string

// plot finds one by its caption.
func (l *look) plot(t *testing.T, caption string) *plotLook {
	t.Helper()
	for i := range l.Plots {
		if l.Plots[i].Caption == caption {
			return &l.Plots[i]
		}
	}
	t.Fatalf("no plot is called %q", caption)
	return nil
}

// drawn are the shapes in a colour, from left to right.
func (p *plotLook) drawn(variable string, lines bool) (list []shape) {
	for _, s := range p.Shapes {
		if s.Variable == variable && (s.Stroke != "") == lines {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b shape) int { return int(math.Copysign(1, a.Box.Left-b.Box.Left)) })
	return list
}

// axis turns heights in the plot into values, by two of the marks left of it.
func (p *plotLook) axis(t *testing.T, logarithmic bool) func(y float64) float64 {
	t.Helper()
	var at, of []float64
	for _, s := range p.Texts {
		v, ok := markValue(s.Text)
		if !ok || s.Box.Right > p.Box.Left+(p.Box.Right-p.Box.Left)*0.2 || s.Turned {
			continue
		}
		if logarithmic {
			if v == 0 { // of the other axis
				continue
			}
			v = math.Log(v)
		}
		at, of = append(at, (s.Box.Top+s.Box.Bottom)/2), append(of, v)
	}
	if len(at) < 2 {
		t.Fatalf("%s: %d marks at the axis: %v", p.Caption, len(at), p.Texts)
	}
	last := len(at) - 1
	perPixel := (of[last] - of[0]) / (at[last] - at[0])
	return func(y float64) float64 {
		v := of[0] + (y-at[0])*perPixel
		if logarithmic {
			v = math.Exp(v)
		}
		return v
	}
}

// markValue reads 1,000 and 0.5, and 20 µs or 5 ms as microseconds.
func markValue(text string) (float64, bool) {
	factor := 1.0
	for suffix, f := range map[string]float64{" µs": 1, " ms": 1e3, " s": 1e6} {
		if number, found := strings.CutSuffix(text, suffix); found {
			text, factor = number, f
			break
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return v * factor, err == nil
}

// mark finds where along the X axis a text stands.
func (p *plotLook) mark(t *testing.T, text string) float64 {
	t.Helper()
	for _, s := range p.Texts {
		if s.Text == text {
			return (s.Box.Left + s.Box.Right) / 2
		}
	}
	t.Fatalf("%s: no mark %q", p.Caption, text)
	return 0
}
