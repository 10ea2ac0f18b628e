package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// openOutput creates a file now: not to find out after a minute that it cannot be
// written. What it returns fills the file and closes it.
func openOutput(flag, name string) (func(write func(io.Writer) error) error, error) {
	switch name {
	case "":
		return func(func(io.Writer) error) error { return nil }, nil
	case "-":
		return func(write func(io.Writer) error) error { return write(os.Stdout) }, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	return func(write func(io.Writer) error) error { return errors.Join(write(file), file.Close()) }, nil
}
