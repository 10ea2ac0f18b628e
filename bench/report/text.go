package report

import (
	"errors"
	"io"
	"slices"
)

// WriteText writes all of it for people: what commands print while they measure.
func (r *Report) WriteText(w io.Writer) error {
	errs := []error{r.WriteGround(w)}
	if r.Command == CommandCompare {
		for _, g := range Groups(r.Runs) {
			errs = append(errs, r.WriteCell(w, g))
		}
	} else {
		for _, j := range r.Jobs {
			errs = append(errs, WriteJob(w, j, r.RunsOf(j)))
		}
	}
	return errors.Join(append(errs, r.WriteEnd(w))...)
}

// RunsOf are the runs of a job.
func (r *Report) RunsOf(j Job) (runs []Run) {
	for _, u := range r.Runs {
		if u.Job == j.Name {
			runs = append(runs, u)
		}
	}
	return runs
}

// WriteEnd writes what comes after the tables.
func (r *Report) WriteEnd(w io.Writer) error {
	_, err := io.WriteString(w, "\n")
	err = errors.Join(err, r.WriteAbsent(w))
	_, wrote := io.WriteString(w, r.Legend())
	if r.Interrupted {
		_, wrote = io.WriteString(w, "Interrupted: there are fewer repetitions than were asked for.\n")
	}
	return errors.Join(err, wrote)
}

// Legend explains the tables.
func (r *Report) Legend() string {
	switch {
	case r.Command == CommandCompare:
		return cellLegend
	case slices.ContainsFunc(r.Runs, func(u Run) bool { return u.RatePerS > 0 }):
		return matrixLegend + rateLegend
	}
	return matrixLegend
}

const rateLegend = `At a rate latency is from when a read was due, service from when it began; missed are reads that had not begun at the end.
`
