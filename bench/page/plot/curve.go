package plot

import (
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curves are whole distributions of latency, drawn as HdrHistogram does: each nine of
// the percentile takes as much room as the one before.
type Curves struct {
	Title  string
	Series []Curve
}

// Curve is the distribution of one series.
type Curve struct {
	Style  int
	Points []Point // ascending
}

// Point says that the fraction Below of all reads took Micros or less.
type Point struct{ Below, Micros float64 }

// nines is how far a fraction is along the X axis: 0.9 is at 1, 0.99 at 2.
func nines(below float64) float64 { return -math.Log10(1 - below) }

// SVG draws them over a logarithmic axis.
func (q *Curves) SVG() (template.HTML, error) {
	p := newFrame("latency")
	r, most := noRange, 1.0
	for _, s := range q.Series {
		for _, v := range s.Points {
			if v.Below < 1 {
				r.add(v.Micros)
				most = max(most, nines(v.Below))
			}
		}
	}
	logarithmic(p, r)
	p.X.Min, p.X.Max = 0, most
	p.X.Label.Text = "share of reads that took no longer"
	p.X.Tick.Marker = ninesTicks(most)
	p.Add(q)
	return render(p, q.Title)
}

// ninesTicks marks as many nines as there are, and the half.
func ninesTicks(most float64) plot.ConstantTicks {
	marks := plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: nines(0.5), Label: "50%"}}
	for n := 1; float64(n) <= most; n++ {
		marks = append(marks, plot.Tick{Value: float64(n), Label: fmt.Sprintf("%.*f%%", max(n-2, 0), 100-100*math.Pow10(-n))})
	}
	return marks
}

// Plot implements plot.Plotter.
func (q *Curves) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for _, s := range q.Series {
		var line []vg.Point
		for _, v := range s.Points {
			if v.Below < 1 && v.Micros > 0 {
				line = append(line, vg.Point{X: toX(nines(v.Below)), Y: toY(v.Micros)})
			}
		}
		c.StrokeLines(lineOf(s.Style), line)
	}
}

func lineOf(style int) draw.LineStyle {
	l := draw.LineStyle{Color: fill(style), Width: thick}
	if edged(style) {
		l.Dashes = []vg.Length{5, 3}
	}
	return l
}
