package jobs

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Experiment2013 is the name of the job of 2013 among the [Examples].
const Experiment2013 = "2013-zero-copy-readv"

// Suffix of job files.
const Suffix = ".fio"

//go:embed *.fio
var examples embed.FS

// Examples lists the names of the job files that come along.
func Examples() []string {
	entries, err := examples.ReadDir(".")
	if err != nil {
		panic(err) // there is always that directory
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), Suffix))
	}
	return names
}

// Example parses the job file that comes along under a name from [Examples].
func Example(name string) *File {
	text, err := examples.Open(name + Suffix)
	if err != nil {
		panic(err) // there is none of this name
	}
	f, err := Parse(text, name)
	if err != nil {
		panic(err) // TestExperiment2013 reads it
	}
	return f
}

// Open parses the file of this name or, if there is none, the example.
func Open(name string) (*File, error) {
	f, err := open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Parse(f, name)
}

func open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err == nil {
		return f, nil
	}
	if example, none := examples.Open(strings.TrimSuffix(name, Suffix) + Suffix); none == nil {
		return example, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no job file %s, and none that comes along is called so; those are: %s", name, strings.Join(Examples(), ", "))
	}
	return nil, fmt.Errorf("job file: %w", err)
}
