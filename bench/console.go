package bench

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
)

// Console shows a run to people: tables on one side, on the other how far it is.
//
// It is for one goroutine, and does something only when it is told to: nothing of it
// wakes up while something is measured.
type Console struct {
	// Out gets the tables; nil: nobody.
	Out io.Writer
	// Progress gets one line that is written over and over if it is a
	// terminal, else a line now and then; nil: nobody.
	Progress *os.File

	line  *statusLine // nil until it is asked whether there is a terminal
	group string
	err   error
}

// Err is the first error of writing tables.
func (c *Console) Err() error { return c.err }

// Stage implements Observer.
func (c *Console) Stage(what string) { c.Say(what+" …", true) }

// Measuring implements Observer.
func (c *Console) Measuring(done, all int, left time.Duration, m Case) {
	c.Count(done, all, left, m.Job, m.String())
}

// Ready implements Observer.
func (c *Console) Ready(r *report.Report) { c.write(r.WriteGround) }

// JobDone implements Observer.
func (c *Console) JobDone(job report.Job, runs []report.Run) {
	c.write(func(w io.Writer) error { return report.WriteJob(w, job, runs) })
}

// Done ends the tables.
func (c *Console) Done(r *report.Report) { c.write(r.WriteEnd) }

// Count shows that so many of all measurements are done, how long the others take, and
// what is measured next. Where lines are not written over there is one for the first
// of a group, and then one every few seconds.
func (c *Console) Count(done, all int, left time.Duration, group, what string) {
	line := fmt.Sprintf("measuring %d of %d, %v left: %s", done+1, all, left.Round(time.Second), what)
	c.Advance(done, all, line, group != c.group)
	c.group = group
}

// Say shows where the run is. What is no news is for terminals only.
func (c *Console) Say(line string, news bool) {
	if l := c.status(); l != nil {
		l.show(line, news)
	}
}

// Advance is Say with a bar of how much is done, which is for terminals. What is no
// news is told where there is none, too, if nothing has been told for a while.
func (c *Console) Advance(done, all int, line string, news bool) {
	if l := c.status(); l != nil {
		l.advance(done, all, line, news)
	}
}

// Clear takes the terminal's line away.
func (c *Console) Clear() {
	if c.line != nil {
		c.line.clear()
	}
}

// status is nil if nobody is to be told.
func (c *Console) status() *statusLine {
	if c.line == nil && c.Progress != nil {
		c.line = newStatusLine(c.Progress)
	}
	return c.line
}

func (c *Console) write(f func(io.Writer) error) {
	c.Clear()
	if c.Out == nil {
		return
	}
	if err := f(c.Out); err != nil && c.err == nil {
		c.err = err
	}
}
