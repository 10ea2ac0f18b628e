package plot

import (
	"html/template"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars are groups of bars, one group for each category, one bar for each series.
type Bars struct {
	Title      string // for those who do not see it
	Unit       string // of the Y axis
	Parts      bool   // bars are divided, see Value.Lower
	Categories []string
	Series     []Series // Values in the order of the categories
}

// SVG draws them. Bars begin at zero.
func (b *Bars) SVG() (template.HTML, error) {
	p := newFrame(b.Unit)
	nominal(p, b.Categories)
	p.Y.Min, p.Y.Max = 0, b.highest()*1.03
	if p.Y.Max == 0 {
		p.Y.Max = 1
	}
	p.Add(b)
	return render(p, b.Title)
}

func (b *Bars) highest() (top float64) {
	for _, s := range b.Series {
		for _, v := range s.Values {
			if !v.missing() {
				top = max(top, v.Median)
				if v.bounded() {
					top = max(top, v.High)
				}
			}
		}
	}
	return top
}

// Shares of a category's room: that of all bars, that of one bar of its own.
const (
	groupShare = 0.84
	barShare   = 0.9
	widest     = 36 // of a bar
)

// Plot implements plot.Plotter.
func (b *Bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	room := (toX(1) - toX(0)) * groupShare / vg.Length(len(b.Series))
	room = min(room, widest)
	at := func(series, category int) vg.Length {
		return toX(float64(category)) + room*(vg.Length(series)-vg.Length(len(b.Series)-1)/2)
	}
	for i, s := range b.Series {
		for k, v := range s.Values {
			if v.missing() {
				continue
			}
			b.bar(&c, s.Style, v, at(i, k), room*barShare, toY)
		}
	}
	for i, s := range b.Series {
		for k, v := range s.Values {
			if v.missing() || !v.bounded() {
				continue
			}
			errorBar(&c, at(i, k), toY(v.Low), toY(v.High), draw.LineStyle{Color: ink, Width: thin})
		}
	}
}

// bar draws one.
func (b *Bars) bar(c *draw.Canvas, style int, v Value, x, wide vg.Length, toY func(float64) vg.Length) {
	rectangle := func(color variable, from, to float64) {
		c.FillPolygon(color, []vg.Point{{X: x - wide/2, Y: toY(from)}, {X: x - wide/2, Y: toY(to)}, {X: x + wide/2, Y: toY(to)}, {X: x + wide/2, Y: toY(from)}})
	}
	lower := v.Median
	if b.Parts {
		lower = min(v.Lower, v.Median)
		rectangle(fill(style)+pale, lower, v.Median)
	}
	rectangle(fill(style), 0, lower)
	if edged(style) {
		line := draw.LineStyle{Color: ink, Width: thin}
		c.StrokeLines(line, []vg.Point{{X: x - wide/2, Y: toY(0)}, {X: x - wide/2, Y: toY(v.Median)}, {X: x + wide/2, Y: toY(v.Median)}, {X: x + wide/2, Y: toY(0)}})
	}
}
