package plot

import (
	"math"

	"github.com/dustin/go-humanize"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Widths of lines and sizes of text, in CSS pixels.
const (
	thin     = 1.0
	thick    = 2.0
	textSize = 12
)

var face = font.Font{Typeface: "Liberation", Variant: "Sans", Size: textSize}

// newFrame is a figure without data: its axes, and lines across it.
func newFrame(unit string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Width = ink, thin
		a.Tick.Color, a.Tick.Width, a.Tick.Length = ink, thin, 5
		a.Label.TextStyle.Font, a.Label.TextStyle.Color = face, ink
		a.Tick.Label.Font, a.Tick.Label.Color = face, ink
		a.Label.Padding = 4
		a.Padding = 0
	}
	p.Y.Label.Text = unit
	p.Y.Tick.Marker = numbers{}
	lines := plotter.NewGrid()
	lines.Horizontal = draw.LineStyle{Color: grid, Width: thin}
	lines.Vertical.Color = nil
	p.Add(lines)
	return p
}

// nominal names places along the X axis; each has as much room as the others.
func nominal(p *plot.Plot, names []string) {
	marks := make(plot.ConstantTicks, len(names))
	var wide vg.Length
	for i, name := range names {
		marks[i] = plot.Tick{Value: float64(i), Label: name}
		wide = max(wide, p.X.Tick.Label.Width(name))
	}
	p.X.Min, p.X.Max = -0.5, float64(len(names))-0.5
	p.X.Tick.Marker = marks
	if wide+8 > innerWidth/vg.Length(max(len(names), 1)) { // they would touch
		p.X.Tick.Label.Rotation = math.Pi / 4
		// Off the axis by a little of their length.
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 1.1*draw.XRight, draw.YCenter
	}
}

// innerWidth is the least of a figure that is left for data.
const innerWidth = Width - 70

// numbers marks a linear axis that begins at zero with round numbers.
type numbers struct{}

// Ticks implements plot.Ticker.
func (numbers) Ticks(_, high float64) (marks []plot.Tick) {
	const most = 5 // steps
	decade := math.Pow10(int(math.Floor(math.Log10(high / most))))
	step := decade * 10
	for _, s := range []float64{5, 2.5, 2, 1} {
		if high <= most*s*decade {
			step = s * decade
		}
	}
	for i := 0; float64(i)*step <= high; i++ {
		v := round(float64(i) * step)
		marks = append(marks, plot.Tick{Value: v, Label: humanize.Commaf(v)})
	}
	return marks
}

// round takes away what is left of computing with binary fractions.
func round(v float64) float64 { return math.Round(v*1e9) / 1e9 }

// errorBar is where a value may be as well.
func errorBar(c *draw.Canvas, x, low, high vg.Length, style draw.LineStyle) {
	const half = 2.5
	c.StrokeLine2(style, x, low, x, high)
	c.StrokeLine2(style, x-half, low, x+half, low)
	c.StrokeLine2(style, x-half, high, x+half, high)
}

// fill and edge are how a style is drawn.
func fill(style int) variable { return variable(style % colours) }

func edged(style int) bool { return style%Styles >= colours }
