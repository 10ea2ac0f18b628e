package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// sheet is the table: a column for each kernel, a row for each thing looked at.
type sheet struct {
	results []*result
	rows    [][]string
	hasty   map[int]bool // rows that differ from run to run
}

// sheetOf fills the table in.
func sheetOf(results []*result) *sheet {
	s := &sheet{results: results, hasty: make(map[int]bool)}
	s.add("", func(r *result) string { return cmp.Or(r.version, r.series, "newest") })
	s.add("suite of Debian's", func(r *result) string { return r.suite })
	s.add("result", (*result).word)
	for i, p := range suites {
		s.run(p.name(), func(r *result) string { return r.suites[i].String() })
	}
	for _, m := range measurings {
		for i, block := range []string{"4 KiB", "128 KiB"} {
			s.run("plan, "+engineName(m.engine)+", "+block, func(r *result) string { return r.measured[m].plans(i) })
		}
	}
	s.run("one file, the same bytes", (*result).copied)
	for i, name := range features(results) {
		s.run(name, func(r *result) string { return r.feature(i) })
	}
	s.run("kernel warnings", func(r *result) string { return fmt.Sprint(len(r.warnings)) })
	s.hasty[len(s.rows)] = true
	s.run("took", func(r *result) string { return r.took.Round(time.Second).String() })
	return s
}

func (s *sheet) add(name string, cell func(*result) string) {
	row := []string{name}
	for _, r := range s.results {
		row = append(row, cell(r))
	}
	s.rows = append(s.rows, row)
}

// run adds a row of which only kernels that ran have something to say.
func (s *sheet) run(name string, cell func(*result) string) {
	s.add(name, func(r *result) string {
		if r.image == "" {
			return ""
		}
		return cell(r)
	})
}

// text writes it for people.
func (s *sheet) text(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range s.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// markdown writes it for README.md, without what differs from run to run.
func (s *sheet) markdown(w io.Writer) error {
	var b strings.Builder
	for i, row := range s.rows {
		if s.hasty[i] {
			continue
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *result) word() string {
	switch {
	case r.image == "":
		return "NOT RUN"
	case !r.good():
		return "FAILED"
	}
	return "ok"
}

// String is a cell of the table: how many passed, failed and were skipped for
// reasons of which kinds.
func (s *suiteResult) String() string {
	if s.lacks != "" {
		return "–"
	}
	text := fmt.Sprintf("%d ok", s.passed)
	if s.failed > 0 {
		text += fmt.Sprintf(" %d FAILED", s.failed)
	} else if len(s.wrong) > 0 {
		text += " FAILED"
	}
	kinds := make(map[string]int)
	for _, k := range s.skips {
		kinds[k.kind()]++
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		text += fmt.Sprintf(", %d skipped (%s)", kinds[kind], kind)
	}
	return text
}

// plans says how receives were aimed at one block size: the plans of at least a
// quarter of them.
func (m *measured) plans(i int) string {
	if i >= len(m.Runs) {
		return ""
	}
	sum := 0
	for _, n := range m.Runs[i].Own.Receives {
		sum += n
	}
	var names []string
	for name, n := range m.Runs[i].Own.Receives {
		if 4*n >= sum {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// copied says in how many ways uringbench cat gave the right bytes.
func (r *result) copied() string {
	right := 0
	for _, good := range r.copies {
		if good {
			right++
		}
	}
	return fmt.Sprintf("%d of %d ways", right, len(r.copies))
}

// features are those that were probed.
func features(results []*result) (names []string) {
	for _, r := range results {
		if len(names) == 0 {
			for _, f := range r.probe.Features {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// feature is what the kernel answered, and what became of it.
func (r *result) feature(i int) string {
	if i >= len(r.probe.Features) {
		return ""
	}
	f := r.probe.Features[i]
	if strings.HasPrefix(f.Use, "used:") || f.Use == "used" {
		return f.Answer + ", used"
	}
	return f.Answer
}
