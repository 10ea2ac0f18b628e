package bench

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/ci/terminal"
)

// drawn takes what was written to a terminal apart into what stood in the line one
// after the other. Nothing but text and the way to clear a line may be there.
func drawn(t *testing.T, written string) []string {
	t.Helper()
	first, rest, _ := strings.Cut(written, terminal.Erase)
	lines := strings.Split(rest, terminal.Erase)
	if first != "" || strings.ContainsAny(strings.Join(lines, ""), "\r\x1b") {
		t.Errorf("not only lines: %q", written)
	}
	return lines
}

func measureSome(c *Console) {
	c.Stage("comparing bytes")
	for done := range 3 {
		c.Measuring(done, 3, time.Duration(3-done)*time.Minute, Case{Work{Job: JobMatrix, Streams: []Stream{{BlockMin: 4096, BlockMax: 4096, Depth: 16}}}, Way{Protocol: ProtocolNFS3, Engine: EngineUring, Placement: PlacementDirect}})
	}
}

func TestConsoleOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, c := range []struct {
		columns uint16
		bar     bool
	}{{200, true}, {80, true}, {69, false}, {30, false}, {2, false}, {0, true}} {
		screen := terminal.Open(t, c.columns)
		out := &strings.Builder{}
		console := &Console{Out: out, Progress: screen.Program}
		measureSome(console)
		console.Ready(&report.Report{Command: report.CommandRun})
		lines := drawn(t, screen.Written())
		if len(lines) != 5 || lines[4] != "" {
			t.Fatalf("%d columns: %q; want a stage, three measurements, and nothing before the tables", c.columns, lines)
		}
		for i, line := range lines[:4] {
			if n := utf8.RuneCountInString(line); c.columns > 0 && n >= int(c.columns) {
				t.Errorf("%d columns: %q has %d", c.columns, line, n)
			}
			if has := strings.Contains(line, "█") || strings.Contains(line, "|   "); has != (c.bar && i > 0) {
				t.Errorf("%d columns: bar %v in %q", c.columns, has, line)
			}
		}
		if c.columns == 200 {
			for i, want := range []string{"comparing bytes …", "0% |", "33% |██████  ", "66% |█████████████  "} {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("%q, want it to begin %q", lines[i], want)
				}
			}
			if want := "measuring 2 of 3, 2m0s left: nfs3, 4 KiB × 16"; !strings.Contains(lines[2], want) {
				t.Errorf("no %q in %q", want, lines[2])
			}
		}
		if c.columns == 30 && !strings.HasPrefix(lines[2], "measuring 2 of 3, 2m0s left:") {
			t.Errorf("the end is not what is cut: %q", lines[2])
		}
		if !strings.HasPrefix(out.String(), "host ") {
			t.Errorf("tables: %q", out)
		}
	}
}

// Elsewhere a line is added for news, and now and then.
func TestConsoleElsewhere(t *testing.T) {
	for _, dumb := range []bool{false, true} {
		var file *os.File
		var written func() string
		if dumb {
			t.Setenv("TERM", "dumb")
			screen := terminal.Open(t, 80)
			file, written = screen.Program, screen.Written
		} else {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			file, written = w, func() string {
				w.Close()
				b, _ := io.ReadAll(r)
				return string(b)
			}
		}
		console := &Console{Progress: file}
		measureSome(console)
		console.Say("not worth a line", false)
		console.line.last = time.Now().Add(-lineEvery)
		console.Advance(1, 2, "some time later", false)
		console.Clear()
		console.Done(&report.Report{})
		want := "comparing bytes …\nmeasuring 1 of 3, 3m0s left: nfs3, 4 KiB × 16, uring direct\nsome time later\n"
		if got := strings.ReplaceAll(written(), "\r\n", "\n"); got != want {
			t.Errorf("dumb terminal %v: %q, want %q", dumb, got, want)
		}
	}
}

// Nothing of a console may wake up while something is measured.
func TestConsoleSleeps(t *testing.T) {
	t.Setenv("TERM", "xterm")
	screen := terminal.Open(t, 100)
	console := &Console{Progress: screen.Program}
	before := runtime.NumGoroutine()
	measureSome(console)
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, before it there were %d", n, before)
	}
	console.Clear()
	screen.Written()
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		done, all int
		want      string
	}{
		{0, 70, "0% |                    |"}, {1, 70, "1% |                    |"}, {35, 70, "50% |██████████          |"},
		{70, 70, "100% |████████████████████|"}, {71, 70, "100% |████████████████████|"}, {-1, 70, "0% |                    |"},
		{0, 0, "0% |                    |"},
	} {
		if got := bar(c.done, c.all); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.done, c.all, got, c.want)
		}
	}
}
