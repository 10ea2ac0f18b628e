package bench

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
	"golang.org/x/sys/unix"
)

// Console shows a run to people: tables on one side, on the other how far it is.
type Console struct {
	// Out gets the tables; nil: nobody.
	Out io.Writer
	// Progress gets one line that is written over and over if it is a
	// terminal, else a line now and then; nil: nobody.
	Progress *os.File

	terminal bool
	asked    bool
	shown    bool // something stands in the terminal's line
	last     time.Time
	job      string
	err      error
}

// lineEvery is how often a line is added where none can be written over.
const lineEvery = 5 * time.Second

// Err is the first error of writing.
func (c *Console) Err() error { return c.err }

// Stage implements Observer.
func (c *Console) Stage(what string) { c.Say(what+" …", true) }

// Measuring implements Observer.
func (c *Console) Measuring(done, all int, left time.Duration, m Case) {
	news := m.Job != c.job || time.Since(c.last) >= lineEvery
	c.job = m.Job
	c.Say(fmt.Sprintf("measuring %d of %d: %s, %v left", done+1, all, m, left.Round(time.Second)), news)
}

// Ready implements Observer.
func (c *Console) Ready(r *report.Report) { c.write(r.WriteGround) }

// JobDone implements Observer.
func (c *Console) JobDone(job report.Job, runs []report.Run) {
	c.write(func(w io.Writer) error { return report.WriteJob(w, job, runs) })
}

// Done ends the tables.
func (c *Console) Done(r *report.Report) { c.write(r.WriteEnd) }

// Say shows where the run is. What is no news is for terminals only.
func (c *Console) Say(line string, news bool) {
	if c.Progress == nil {
		return
	}
	if !c.asked {
		_, err := unix.IoctlGetTermios(int(c.Progress.Fd()), unix.TCGETS)
		c.terminal, c.asked = err == nil, true
	}
	switch {
	case c.terminal:
		fmt.Fprintf(c.Progress, "\r\x1b[K%s", line)
		c.shown = true
	case news:
		fmt.Fprintln(c.Progress, line)
		c.last = time.Now()
	}
}

// Clear takes the terminal's line away.
func (c *Console) Clear() {
	if c.shown {
		fmt.Fprint(c.Progress, "\r\x1b[K")
		c.shown = false
	}
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
