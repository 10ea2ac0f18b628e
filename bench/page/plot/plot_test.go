package plot

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

// Every colour comes out as the variable that it stands for.
func TestVariables(t *testing.T) {
	want := map[variable]string{ink: "--ink", grid: "--grid"}
	for i := range variable(colours) {
		want[i], want[i+pale] = fmt.Sprintf("--w%d", i), fmt.Sprintf("--p%d", i)
	}
	for v, name := range want {
		p := plot.New()
		p.BackgroundColor = v
		p.HideAxes()
		svg, err := render(p, "")
		if err != nil || !strings.Contains(string(svg), `style="fill:var(`+name+`)"`) {
			t.Errorf("%#x: no %s in %s, %v", v, name, svg, err)
		}
	}
}

// parse reads a figure as XML and returns its texts.
func parse(t *testing.T, svg template.HTML) (texts []string) {
	t.Helper()
	for d, in := xml.NewDecoder(strings.NewReader(string(svg))), ""; ; {
		token, err := d.Token()
		switch token := token.(type) {
		case xml.StartElement:
			in = token.Name.Local
			for _, a := range token.Attr {
				if a.Name.Local != "aria-label" && regexp.MustCompile("NaN|Inf|#[0-9A-F]{6}").MatchString(a.Value) {
					t.Errorf("%s has %s=%q", in, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "text" || in == "title" {
				texts = append(texts, string(token))
			}
		}
		if err == io.EOF {
			return texts
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

// Whatever was measured, or was not, there is a figure that says what it shows.
func TestAnyValues(t *testing.T) {
	inf := math.Inf(1)
	odd := []Value{{1, 1, 1, 0}, {Median: Missing}, {0, 0, 0, 0}, {5, -inf, inf, 9}, {inf, 0, 0, 0}, {2, -1, 3, 1}}
	names := []string{"a<b", "c", "d", "e", "f", "g"}
	for _, values := range [][]Value{odd, {{Median: Missing}}, {{}}, nil} {
		names := names[:len(values)]
		for i, draw := range []func() (template.HTML, error){
			(&Bars{"bars", "MiB/s", true, names, []Series{{0, values}, {8, values}}}).SVG,
			(&Percentiles{"percentiles", names, []Series{{3, values}, {Styles + 12, values}}}).SVG,
			(&Curves{"curves", []Curve{{1, []Point{{0, 1}, {0.5, 2}, {0.9, 0}, {1, 9}}}, {9, nil}}}).SVG,
			(&Curves{"none", nil}).SVG,
			(&Bars{Title: "</script>"}).SVG,
		} {
			svg, err := draw()
			if err != nil {
				t.Fatal(err)
			}
			title := []string{"bars", "percentiles", "curves", "none", "</script>"}[i]
			if texts := parse(t, svg); len(texts) == 0 || texts[0] != title {
				t.Errorf("texts %q, want the title %q first", texts, title)
			} else if i < 2 && len(values) > 1 && !strings.Contains(strings.Join(texts, " "), "a<b") {
				t.Errorf("texts %q without a category", texts)
			}
		}
	}
}

// Axes have marks that people can read.
func TestMarks(t *testing.T) {
	said := func(marks []plot.Tick) (s string) {
		for _, m := range marks {
			s += m.Label + ","
		}
		return s
	}
	for _, c := range []struct{ got, want string }{
		{said(times{}.Ticks(31, 4100)), "50 µs,100 µs,200 µs,500 µs,1 ms,2 ms,"},
		{said(times{}.Ticks(0.9, 2.5e6)), "1 µs,10 µs,100 µs,1 ms,10 ms,100 ms,1 s,"},
		{said(ninesTicks(nines(0.99999))), "0,50%,90%,99%,99.9%,99.99%,99.999%,"},
		{said(numbers{}.Ticks(0, 32000)), "0,10,000,20,000,30,000,"},
		{said(numbers{}.Ticks(0, 0.35)), "0,0.1,0.2,0.3,"},
		{said(numbers{}.Ticks(0, 1.2)), "0,0.25,0.5,0.75,1,"},
		{said(numbers{}.Ticks(0, 1)), "0,0.2,0.4,0.6,0.8,1,"},
		{said(numbers{}.Ticks(0, 0.0049)), "0,0.001,0.002,0.003,0.004,"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for low := 1.0; low < 1e6; low *= 1.1 {
		p := plot.New()
		logarithmic(p, span{low, low * 1.01})
		if n := len(times{}.Ticks(p.Y.Min, p.Y.Max)); n < 2 {
			t.Errorf("%d marks from %g to %g µs", n, p.Y.Min, p.Y.Max)
		}
	}
}
