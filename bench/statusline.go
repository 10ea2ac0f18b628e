package bench

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/sys/unix"
)

// statusLine says how far something is: on a terminal in one line that is written over
// and over, elsewhere in a line now and then. It uses no colours.
type statusLine struct {
	file     *os.File
	terminal bool
	shown    bool      // something stands in the terminal's line
	last     time.Time // when a line was written elsewhere
}

const (
	// lineEvery is how often a line is added where none can be written over.
	lineEvery = 5 * time.Second
	// barColumns is how long the bar is, where barLeaves are left for the words.
	barColumns = 20
	barLeaves  = 50
	// usualColumns are those that most terminals have at least.
	usualColumns = 80
)

func newStatusLine(file *os.File) *statusLine {
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	// A dumb terminal cannot clear a line.
	return &statusLine{file: file, terminal: err == nil && os.Getenv("TERM") != "dumb"}
}

// Columns is how wide a terminal is now: it may have been made another size. What is
// none, or does not say, is as wide as most.
func Columns(file *os.File) int {
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return usualColumns
	}
	return int(size.Col)
}

func (l *statusLine) show(line string, news bool) {
	switch {
	case l.terminal:
		// A line that reached the last column would scroll a narrow terminal.
		fmt.Fprintf(l.file, "\r\x1b[K%s", text.Snip(line, Columns(l.file)-1, "…"))
		l.shown = true
	case news:
		fmt.Fprintln(l.file, line)
		l.last = time.Now()
	}
}

func (l *statusLine) advance(done, all int, line string, news bool) {
	if l.terminal && Columns(l.file) >= barColumns+barLeaves {
		line = bar(done, all) + " " + line
	}
	l.show(line, news || time.Since(l.last) >= lineEvery)
}

// clear takes the terminal's line away.
func (l *statusLine) clear() {
	if l.shown {
		fmt.Fprint(l.file, "\r\x1b[K")
		l.shown = false
	}
}

// bar draws how much of all is done. The library is told to draw here and now, and
// starts no goroutine for a length that is known.
func bar(done, all int) string {
	b := progressbar.NewOptions(max(all, 1), progressbar.OptionSetWriter(io.Discard), progressbar.OptionSetWidth(barColumns),
		progressbar.OptionSetPredictTime(false))
	// All that can go wrong is writing. The second draws what the first did not,
	// because it made no difference of a percent.
	_, _ = b.Set(min(max(done, 0), all)), b.RenderBlank()
	return strings.TrimSpace(b.String())
}
