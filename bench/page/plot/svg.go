package plot

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// variable is a color.Color that stands for a variable of CSS until the SVG is written.
type variable uint8

// Variables: colours of ways, their paler forms, and two more.
const (
	colours          = 7
	pale    variable = 0x40
	ink     variable = 0x80
	grid    variable = 0x81
)

// RGBA is #0001nn, with the number.
func (v variable) RGBA() (r, g, b, a uint32) { return 0, 0x101, uint32(v) * 0x101, 0xffff }

func (v variable) name() string {
	switch {
	case v == ink:
		return "--ink"
	case v == grid:
		return "--grid"
	case v >= pale:
		return fmt.Sprintf("--p%d", v-pale)
	}
	return fmt.Sprintf("--w%d", v)
}

// canvas notes how wide texts were laid out.
type canvas struct {
	*vgsvg.Canvas
	widths []vg.Length
}

// FillString implements vg.Canvas.
func (c *canvas) FillString(f font.Face, at vg.Point, text string) {
	c.widths = append(c.widths, f.Width(text))
	c.Canvas.FillString(f, at, text)
}

var (
	header = regexp.MustCompile(`(?s)^.*?<svg [^>]*>`)
	colour = regexp.MustCompile(`#0001[0-9A-F]{2}`)
	// The page's style says which font; its name here is what was laid out with.
	fontName = regexp.MustCompile(`font-family:[^;]*;font-variant:[^;]*;font-weight:[^;]*;font-style:[^;]*;`)
	textTag  = regexp.MustCompile(`<text `)
)

// margin is for fonts whose letters are higher than those it was laid out with.
const margin = 4

// render draws the figure; title says to those who do not see it what it shows.
func render(p *plot.Plot, title string) (template.HTML, error) {
	c := &canvas{Canvas: vgsvg.New(Width, Height)}
	p.Draw(draw.Crop(draw.NewCanvas(c, Width, Height), margin, -margin, margin, -margin))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", err
	}
	svg := header.ReplaceAllLiteral(b.Bytes(), nil)
	svg = fontName.ReplaceAllLiteral(svg, nil)
	svg = colour.ReplaceAllFunc(svg, func(hex []byte) []byte {
		v, _ := strconv.ParseUint(string(hex[5:]), 16, 8)
		return fmt.Appendf(nil, "var(%s)", variable(v).name())
	})
	i := 0
	svg = textTag.ReplaceAllFunc(svg, func([]byte) []byte {
		i++
		return fmt.Appendf(nil, `<text textLength="%.5g" lengthAdjust="spacingAndGlyphs" `, c.widths[i-1].Points())
	})
	title = html.EscapeString(title)
	head := fmt.Sprintf(`<svg class="plot" role="img" aria-label="%s" viewBox="0 0 %d %d" xmlns="http://www.w3.org/2000/svg"><title>%s</title>`,
		title, Width, Height, title)
	return template.HTML(head + string(svg)), nil
}
