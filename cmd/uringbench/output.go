package main

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/ringreadv/ringreadv/bench"
)

// openOutput opens the file that a flag names now, not to find out after a minute that
// it cannot be written; what it had is kept until there is something else. What it
// returns fills the file and closes it; with nil, because there is nothing to write,
// it leaves things as they were. "" is no file and "-" is stdout.
func openOutput(flag, name string) (func(write func(io.Writer) error) error, error) {
	switch name {
	case "":
		return func(func(io.Writer) error) error { return nil }, nil
	case "-":
		return func(write func(io.Writer) error) error {
			if write == nil {
				return nil
			}
			return explainWrite(write(os.Stdout), "stdout")
		}, nil
	}
	_, err := os.Stat(name)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, bench.Explain(err, "--"+flag, name)
	}
	return func(write func(io.Writer) error) error {
		if write != nil {
			return explainWrite(errors.Join(empty(file), write(file), file.Close()), name)
		}
		file.Close()
		if made {
			os.Remove(name)
		}
		return nil
	}, nil
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
