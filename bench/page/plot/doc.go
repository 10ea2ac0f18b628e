// Package plot draws figures of measurements as SVG that stands within an HTML page.
//
// Coordinates and text are laid out by gonum.org/v1/plot. What makes its SVG fit for a
// page is done here: colours are names of CSS variables, so that the page chooses them
// for light and dark, and a figure is as wide as its place. Texts keep the width they
// were laid out with, whatever font the reader has: none overlaps or is cut off.
//
// The variables are --ink, --grid, and for a way of reading with style n --w0 to --w6
// and --p0 to --p6, the paler form.
package plot

import "math"

// Styles is how many ways of reading can be told apart: seven colours, then the same
// with an edge and dashed lines.
const Styles = 2 * colours

// Missing is the Median of what was not measured.
var Missing = math.NaN()

// Value is one quantity, measured several times.
type Value struct {
	Median float64
	// Low and High are where it may be as well.
	Low, High float64
	// Lower is the part of Median that a bar of [Bars] in two parts shows in full
	// colour; the rest is paler.
	Lower float64
}

func (v Value) missing() bool { return math.IsNaN(v.Median) || math.IsInf(v.Median, 0) }

// bounded reports whether there is something to say of where it may be as well.
func (v Value) bounded() bool { return v.High > v.Low && !math.IsInf(v.High-v.Low, 0) }

// Series is what one way of reading showed.
type Series struct {
	Style  int // from 0, modulo Styles
	Values []Value
}

// Size of a figure in CSS pixels; a page may scale it.
const (
	Width  = 480
	Height = 280
)
