package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/ringreadv/ringreadv/bench"
)

// output is a file that a flag names. It is opened early, not to find out after a
// minute that it cannot be written; what it had is kept until there is something else.
type output struct {
	flag, name string   // "" is no file and "-" is stdout
	file       *os.File // nil: none
	made       bool     // it was not there before
}

func openOutput(flag, name string) (*output, error) {
	o := &output{flag: flag, name: name}
	switch name {
	case "":
		return o, nil
	case "-":
		o.file = os.Stdout
		return o, nil
	}
	_, err := os.Stat(name)
	o.made = errors.Is(err, fs.ErrNotExist)
	o.file, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, bench.Explain(err, "--"+flag, name)
	}
	return o, nil
}

// same reports whether two are one file, by whatever names. Of /dev/null there is
// enough for all.
func (o *output) same(other *output) bool {
	if o.file == nil || other.file == nil || o.name == os.DevNull || other.name == os.DevNull {
		return false
	}
	a, err := o.file.Stat()
	b, alsoErr := other.file.Stat()
	return err == nil && alsoErr == nil && os.SameFile(a, b)
}

// fill fills the file and closes it. With nil, because there is nothing to write, or if
// what is to be written cannot be made, it leaves things as they were.
func (o *output) fill(write func(io.Writer) error) error {
	if o.file == nil {
		return nil
	}
	var text bytes.Buffer
	if write != nil {
		if err := write(&text); err != nil {
			return errors.Join(bench.Explain(err, "--"+o.flag, o.where()), o.fill(nil))
		}
	}
	switch {
	case o.file == os.Stdout:
		_, err := text.WriteTo(o.file)
		return explainWrite(err, o.where())
	case write != nil:
		err := empty(o.file)
		_, wrote := text.WriteTo(o.file)
		return explainWrite(errors.Join(err, wrote, o.file.Close()), o.where())
	}
	o.file.Close()
	if o.made {
		os.Remove(o.name)
	}
	return nil
}

// where is its name for people.
func (o *output) where() string {
	if o.file == os.Stdout {
		return "stdout"
	}
	return o.name
}

// empty empties what is a file and no device.
func empty(file *os.File) error {
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return file.Truncate(0)
}

// explainWrite says where writing failed. Writing to a stdout that nobody reads is no
// error: the system ends the process, as it does others in a pipe.
func explainWrite(err error, where string) error {
	return bench.Explain(err, "writing", where)
}
