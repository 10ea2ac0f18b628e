package jobs

import (
	"fmt"
	"time"
)

// File is what a job file says.
type File struct {
	Name    string
	Jobs    []Job // in the order of the file, at least one
	Ignored []Ignored
}

// Job is one section. It is not changed once parsed.
type Job struct {
	Name        string
	Description string
	Line        int // of the section's head

	// Base is the URL that Files are relative to, from ioengine and what belongs
	// to it; empty: that of the command line.
	Base  string
	Files []string // names or URLs; none: files of the command line's URL in turn

	Random bool // in no order, else one after the other
	Again  bool // of Random: blocks may be read more than once
	// BlockMin and BlockMax are the bounds of one read's size in bytes.
	BlockMin, BlockMax int64
	Depth              int
	SizeBytes          int64 // of all files together; 0: all there is
	Clones             int

	Runtime   time.Duration // 0: until the size is read
	TimeBased bool
	Ramp      time.Duration

	Think       time.Duration
	ThinkBlocks int
	RatePerS    int // reads per second of each clone; 0: as fast as can be
}

// Ignored is a key that was accepted and changes nothing.
type Ignored struct {
	Line       int
	Key, Value string
	Why        string
}

func (i Ignored) String() string {
	return fmt.Sprintf("ignored: %s (line %d): %s", setting(i.Key, i.Value), i.Line, i.Why)
}

// Notes are the lines that say what was ignored, each key once.
func (f *File) Notes() (lines []string) {
	known := make(map[string]bool)
	for _, i := range f.Ignored {
		if what := setting(i.Key, i.Value); !known[what] {
			known[what] = true
			lines = append(lines, f.Name+": "+i.String())
		}
	}
	return lines
}

// Error is a line that is not accepted.
type Error struct {
	File string
	Line int
	Text string // what is wrong with it, and what to try
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// setting is a key and its value as a file has them.
func setting(key, value string) string {
	if value == "" {
		return key
	}
	return key + "=" + value
}
