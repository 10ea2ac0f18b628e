package page

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"strconv"

	"github.com/ringreadv/ringreadv/bench/page/plot"
	"github.com/ringreadv/ringreadv/bench/report"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var templates = template.Must(template.New("page").Parse(pageHTML))

// Write writes the page of at least one report. Nothing is written if one of them
// cannot be shown.
func Write(w io.Writer, reports ...*report.Report) error {
	v := view{Style: template.CSS(pageCSS), Contents: len(reports) > 1}
	styles := styles{}
	for i, r := range reports {
		part, err := newPart(r, styles, mostData/len(reports))
		if err != nil {
			return err
		}
		part.ID = "report-" + strconv.Itoa(i+1)
		v.Parts = append(v.Parts, part)
	}
	v.Title = v.Parts[0].Title + ", " + v.Parts[0].Started
	var b bytes.Buffer
	if err := templates.Execute(&b, v); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// view is what the template shows.
type view struct {
	Style template.CSS
	Title string
	// Contents: there is a list of the parts.
	Contents bool
	Parts    []*part
}

// part is one report.
type part struct {
	ID, Title, Started string
	Interrupted        bool
	Facts              [][2]string
	Sections           []*section
	Absent             []string
	HowTo              string
	Data               data
}

func newPart(r *report.Report, styles styles, most int) (*part, error) {
	p := &part{
		Title: "uringbench " + r.Command, Started: r.Started.UTC().Format("2 January 2006, 15:04 UTC"),
		Interrupted: r.Interrupted, Facts: r.Facts(), Absent: r.AbsentLines(), HowTo: r.Legend(),
	}
	var err error
	if p.Sections, err = sections(r, styles); err != nil {
		return nil, err
	}
	p.Data, err = newData(r, most)
	return p, err
}

// styles gives every way of reading a style of its own, the same on all of the page.
type styles map[string]int

func (s styles) of(way string) int {
	style, known := s[way]
	if !known {
		style = len(s) % plot.Styles
		s[way] = style
	}
	return style
}
