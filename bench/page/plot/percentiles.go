package plot

import (
	"html/template"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Percentiles are latencies, a point of each series at each percentile.
type Percentiles struct {
	Title      string
	Categories []string // names of the percentiles
	Series     []Series // Values in microseconds, in the order of the categories
}

// SVG draws them over a logarithmic axis.
func (q *Percentiles) SVG() (template.HTML, error) {
	p := newFrame("latency")
	nominal(p, q.Categories)
	r := noRange
	for _, s := range q.Series {
		for _, v := range s.Values {
			if !v.missing() {
				r.add(v.Median)
				r.add(v.Low)
				r.add(v.High)
			}
		}
	}
	logarithmic(p, r)
	p.Add(q)
	return render(p, q.Title)
}

// Plot implements plot.Plotter. The points of a percentile stand side by side, so
// that none hides another; lines between them would.
func (q *Percentiles) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	apart := min((toX(1)-toX(0))*groupShare/vg.Length(len(q.Series)), mostApart)
	for i, s := range q.Series {
		off := apart * (vg.Length(i) - vg.Length(len(q.Series)-1)/2)
		for k, v := range s.Values {
			if v.missing() || v.Median <= 0 {
				continue
			}
			at := vg.Point{X: toX(float64(k)) + off, Y: toY(v.Median)}
			if v.bounded() && v.Low > 0 {
				errorBar(&c, at.X, toY(v.Low), toY(v.High), draw.LineStyle{Color: fill(s.Style), Width: thin})
			}
			c.DrawGlyph(draw.GlyphStyle{Color: fill(s.Style), Radius: dot, Shape: draw.CircleGlyph{}}, at)
			if edged(s.Style) {
				c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: dot, Shape: draw.RingGlyph{}}, at)
			}
		}
	}
}

const (
	dot       = 3.5 // its radius
	mostApart = 12
)
