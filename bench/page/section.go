package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/ringreadv/ringreadv/bench/report"
)

// section is a job, read from one server: its cases differ in blocks, depths and rates
// only.
type section struct {
	Title, Description string
	Ways               []key
	Overview           []figure // of all its cases
	Means              []string
	Cases              []*caseView

	groups []*report.Group
}

// key is how a way looks in figures.
type key struct {
	Name  string
	Class string
}

// figure is a plot and what it is called.
type figure struct {
	Caption string
	SVG     template.HTML
}

// caseView is one case.
type caseView struct {
	Title   string
	Figures []figure
	Table   table
	Remarks []string
}

// sections sorts what was measured, in the order of the first runs.
func sections(r *report.Report, styles styles) (list []*section, err error) {
	type which struct {
		server, protocol, job, pattern string
		files                          int
	}
	of := make(map[which]*section)
	for _, g := range report.Groups(r.Runs) {
		c := g.Case
		k := which{c.Server, c.Protocol, c.Job, c.Pattern, c.Files}
		s := of[k]
		if s == nil {
			s = newSection(r, c)
			of[k] = s
			list = append(list, s)
		}
		s.groups = append(s.groups, g)
	}
	for _, s := range list {
		if err := s.draw(r, styles); err != nil {
			return nil, fmt.Errorf("drawing %s: %w", s.Title, err)
		}
	}
	return list, nil
}

func newSection(r *report.Report, c report.Case) *section {
	s := &section{Title: c.Job}
	if c.Job == report.JobMatrix {
		s.Title = "Blocks and depths"
	}
	for _, j := range r.Jobs {
		if j.Name == c.Job {
			s.Title, s.Description = j.Title, j.Description
		}
	}
	from := []string{c.Server, c.Protocol}
	if c.Pattern != "" {
		from = append(from, c.Pattern)
	}
	if c.Files > 1 {
		from = append(from, fmt.Sprintf("%d files", c.Files))
	}
	s.Title += ": " + strings.Join(from, ", ")
	return s
}

// draw makes figures and tables.
func (s *section) draw(r *report.Report, styles styles) (err error) {
	ways := s.ways(styles)
	for _, w := range ways {
		s.Ways = append(s.Ways, key{w.name, class(w.style)})
	}
	if s.Means, err = s.means(r); err != nil {
		return err
	}
	if s.Overview, err = overview(s.groups, ways); err != nil {
		return err
	}
	for _, g := range s.groups {
		v := &caseView{Title: caseName(g.Case), Table: newTable(r, g, styles), Remarks: r.StartUps(g)}
		if v.Figures, err = latencies(g, ways); err != nil {
			return err
		}
		s.Cases = append(s.Cases, v)
	}
	return nil
}

// means are those of a job, as text has them.
func (s *section) means(r *report.Report) ([]string, error) {
	if r.Command != report.CommandRun || s.groups[0].Case.Job == report.JobMatrix {
		return nil, nil
	}
	var runs []report.Run
	for _, g := range s.groups {
		for _, w := range g.Ways {
			for _, u := range w.Runs {
				runs = append(runs, *u)
			}
		}
	}
	var b strings.Builder
	err := report.WriteMeans(&b, runs)
	return slices.Collect(strings.Lines(b.String())), err
}

// way is one that there are runs of.
type way struct {
	name  string
	style int
}

// ways are all, in the order of their first runs.
func (s *section) ways(styles styles) (list []way) {
	seen := make(map[string]bool)
	for _, g := range s.groups {
		for i := range g.Ways {
			name := g.Ways[i].Way.Name
			if !seen[name] {
				seen[name] = true
				list = append(list, way{name, styles.of(name)})
			}
		}
	}
	return list
}

// of finds the runs of the way in a case, or nil.
func (w way) of(g *report.Group) *report.WayRuns {
	return g.Find(func(o report.Way) bool { return o.Name == w.name })
}

// caseName is what tells cases of a section apart.
func caseName(c report.Case) string {
	name := fmt.Sprintf("%s × %d", c.Block(), c.Depth)
	if c.RatePerS > 0 {
		name += fmt.Sprintf(", %s/s", humanize.Commaf(c.RatePerS))
	}
	return name
}
