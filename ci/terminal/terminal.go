//go:build linux

package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal.
type Terminal struct {
	// Program is the side that programs write to; its owner closes it.
	Program *os.File

	written chan string
}

// Open makes one of so many columns, 0 for one that does not say. What is written to it
// is taken up all the time.
func Open(t testing.TB, columns uint16) *Terminal {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	fd := int(user.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &Terminal{written: make(chan string, 1)}
	if m.Program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	go func() {
		b, _ := io.ReadAll(user) // it ends with EIO
		m.written <- string(b)
	}()
	return m
}

// Written closes the program's side, and returns what was written when nobody else has
// it open either.
func (m *Terminal) Written() string {
	m.Program.Close()
	return <-m.written
}

// Erase is how the line under way is cleared.
const Erase = "\r\x1b[K"

// Screen is what is to be seen of a text in which lines are erased at most.
func Screen(written string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(written, "\r\n", "\n")) {
		if i := strings.LastIndex(line, Erase); i >= 0 {
			line = line[i+len(Erase):]
		}
		b.WriteString(line)
	}
	return b.String()
}
