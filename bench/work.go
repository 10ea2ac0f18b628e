package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
)

// Work is what is read: streams that start at the same time. It ends with the last of
// them.
type Work struct {
	Job         string
	Description string
	Streams     []Stream
	// Timed: it takes as long as every measurement does; else the streams say when
	// they end.
	Timed bool
	Ramp  time.Duration // of reads before, which are not measured; without Timed
}

// Stream is reads that one program would make.
type Stream struct {
	Where string // section and line of the job file; "" without one

	Files []int // of the target, one block from each in turn
	// BlockMin and BlockMax are the bounds of the size of a read: as many times the
	// least as chance says, but no more than the most.
	BlockMin, BlockMax int
	Depth              int   // reads in flight
	Random             bool  // in no order, else one after the other
	Again              bool  // of Random: blocks may be read more than once
	SizeBytes          int64 // of all files together, the same of each; 0: all there is

	TimeBased bool          // begin anew when all is read
	Runtime   time.Duration // no read starts after it; 0: until all is read

	// When ThinkBlocks reads have ended, none is started for a time of Think.
	Think       time.Duration
	ThinkBlocks int
	// RatePerS reads become due each second, and wait for a free slot if there is
	// none; 0: a read starts whenever a slot is free.
	RatePerS int

	tails bool // read the ends of files that are shorter than a block
}

// share is how much the stream reads of a file that has so many bytes.
func (s *Stream) share(bytes int64) int64 {
	if s.SizeBytes == 0 {
		return bytes
	}
	return min(s.SizeBytes/int64(len(s.Files)), bytes)
}

// place begins a message about the stream.
func (s *Stream) place() string {
	if s.Where == "" {
		return ""
	}
	return s.Where + ": "
}

// says is where the stream comes from: flags of the command line or keys of a file.
func (s *Stream) says(flags, keys string) string {
	if s.Where == "" {
		return flags
	}
	return keys
}

// Depth is the number of reads in flight in total.
func (w *Work) Depth() (sum int) {
	for i := range w.Streams {
		sum += w.Streams[i].Depth
	}
	return sum
}

// RatePerS is that of all streams; 0: none has one.
func (w *Work) RatePerS() (sum int) {
	for i := range w.Streams {
		sum += w.Streams[i].RatePerS
	}
	return sum
}

// rated counts the streams that have a rate.
func (w *Work) rated() (n int) {
	for i := range w.Streams {
		if w.Streams[i].RatePerS > 0 {
			n++
		}
	}
	return n
}

// blocks are the least and the largest size of a read.
func (w *Work) blocks() (least, most int) {
	least = w.Streams[0].BlockMin
	for i := range w.Streams {
		least, most = min(least, w.Streams[i].BlockMin), max(most, w.Streams[i].BlockMax)
	}
	return least, most
}

// bufferBytes is the memory that all reads in flight go to.
func (w *Work) bufferBytes() (sum int64) {
	for i := range w.Streams {
		sum += int64(w.Streams[i].BlockMax) * int64(w.Streams[i].Depth)
	}
	return sum
}

// files counts those that are read, each once.
func (w *Work) files() int {
	var list []int
	for i := range w.Streams {
		list = append(list, w.Streams[i].Files...)
	}
	slices.Sort(list)
	return len(slices.Compact(list))
}

// pattern names the order of the blocks.
func (w *Work) pattern() string {
	random := 0
	for i := range w.Streams {
		if w.Streams[i].Random {
			random++
		}
	}
	switch random {
	case 0:
		return PatternSeq
	case len(w.Streams):
		return PatternRand
	}
	return patternMixed
}

// longest is how long it takes at most; 0: nobody knows.
func (w *Work) longest() (d time.Duration) {
	for i := range w.Streams {
		if w.Streams[i].Runtime == 0 {
			return 0
		}
		d = max(d, w.Streams[i].Runtime)
	}
	return w.Ramp + d
}

// reported is the work as reports have it.
func (w *Work) reported(server, protocol string) report.Case {
	least, most := w.blocks()
	c := report.Case{
		Server: server, Protocol: protocol, Job: w.Job, Pattern: w.pattern(),
		BlockBytes: most, Depth: w.Depth(), Files: w.files(), RatePerS: float64(w.RatePerS()),
	}
	if least < most {
		c.BlockMinBytes = least
	}
	return c
}

func (w *Work) block() string { return w.reported("", "").Block() }

// describe is the job for people.
func (w *Work) describe() report.Job {
	if w.Job == JobMatrix {
		return report.Job{Name: w.Job, Title: "Blocks and depths"}
	}
	var depths []string
	var bytes int64
	for i := range w.Streams {
		depths = append(depths, fmt.Sprint(w.Streams[i].Depth))
		bytes = max(bytes, w.Streams[i].SizeBytes)
	}
	each := ""
	if same := slices.Compact(slices.Clone(depths)); len(same) == 1 && len(depths) > 1 {
		depths, each = same, " each"
	}
	title := fmt.Sprintf("Job %s: %s, reads of %s, %s in flight%s", w.Job, plural(len(w.Streams), "stream"), w.block(), strings.Join(depths, ", "), each)
	return report.Job{Name: w.Job, Title: report.Printable(title), Description: report.Printable(w.Description), SizeBytes: bytes}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
