package main

import (
	"bytes"
	"encoding/json"
	"os"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// output is the second serial port.
type output struct{ *os.File }

// openOutput opens it raw: bytes are to arrive as they were written.
func openOutput() (output, error) {
	f, err := os.OpenFile(talk.OutputPort, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return output{}, err
	}
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return output{}, err
	}
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	return output{f}, unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t)
}

// say writes a marked line. A program's last line may lack its end.
func (o output) say(l talk.Line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = o.Write(bytes.Join([][]byte{[]byte("\n" + talk.Mark), text, []byte("\n")}, nil))
	return err
}

// drain waits until all of it has left. A signal of the runtime's ends the wait early.
func (o output) drain() error {
	const wait = 1 // TCSBRK with an argument is tcdrain(3)
	for {
		if err := unix.IoctlSetInt(int(o.Fd()), unix.TCSBRK, wait); err != unix.EINTR {
			return err
		}
	}
}
