package bench

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
)

// Config says what a run measures. Lists make the cross product.
type Config struct {
	URLs []string // of files or a directory; none: the embedded server
	// Protocols are how the embedded server is read; of others the URL says it.
	Protocols []string

	// Jobs are read instead of the matrix of what follows, if there are any. Of that
	// only SizeBytes says something of them, in place of their size=, if it is not 0,
	// and so does Time, in place of their runtime=.
	Jobs []*jobs.File

	Blocks     []int
	Depths     []int
	RatePerS   int   // reads due each second; 0: one starts when another has ended
	Files      int   // read at the same time
	SizeBytes  int64 // of each file that is read; of the embedded server's files
	Conns      int   // connections to the server
	Patterns   []string
	Placements []string
	Engines    []string
	Plans      []transport.Plan
	Fixed      []bool

	// Time is how long each measurement takes; 0: short enough for the whole
	// to end within a minute.
	Time   time.Duration
	Repeat int
	// Verify compares the bytes of every measured read.
	Verify bool
	// With2013 has the job of 2013 run before the matrix.
	With2013 bool
	// Pin gives the embedded server a CPU of its own.
	Pin bool
}

// DefaultConfig is what runs if nothing is asked for.
func DefaultConfig() Config {
	return Config{
		Protocols: []string{ProtocolGluster},
		Blocks:    []int{4 << 10, 128 << 10, 1 << 20}, Depths: []int{1, 16}, Files: 4, SizeBytes: 64 << 20, Conns: 1,
		Patterns: []string{PatternSeq}, Placements: []string{PlacementCopy, PlacementDirect},
		Engines: []string{EngineAuto}, Plans: []transport.Plan{transport.PlanAuto}, Fixed: []bool{false},
		Repeat: 7, With2013: true, Pin: true,
	}
}

// Bounds of what can be asked for.
const (
	maxBlockBytes = 64 << 20
	maxDepth      = 1024
	maxFiles      = 1024
	maxRatePerS   = 10_000_000
	// maxBufferBytes is what all reads in flight may have for buffers: as
	// much as can be registered in one piece.
	maxBufferBytes = ring.MaxBufferBytes
	// unitBytes is what block sizes are multiples of: content is checked in
	// pieces of it.
	unitBytes = 512
)

// Validate reports what cannot be measured.
func (c *Config) Validate() error {
	check := c.validateMatrix
	if len(c.Jobs) > 0 {
		check = c.validateJobs
	}
	if err := check(); err != nil {
		return err
	}
	switch {
	case len(c.protocols())*len(c.Placements)*len(c.Engines)*len(c.Plans)*len(c.Fixed) == 0:
		return errors.New("an empty list leaves nothing to measure")
	case c.Conns < 1 || c.Conns > 64:
		return fmt.Errorf("%d connections: want 1 to 64", c.Conns)
	case c.Repeat < 1 || c.Repeat > 1000:
		return fmt.Errorf("%d repetitions: want 1 to 1000", c.Repeat)
	case c.Time < 0:
		return fmt.Errorf("time %v is negative", c.Time)
	}
	if err := errors.Join(
		known("protocol", c.Protocols, ProtocolGluster, ProtocolNFS3),
		known("engine", c.Engines, EngineAuto, EngineUring, EnginePoller, EngineNetConn),
		known("placement", c.Placements, PlacementCopy, PlacementDirect),
		known("pattern", c.Patterns, PatternSeq, PatternRand)); err != nil {
		return err
	}
	if slices.Contains(c.Engines, EngineNetConn) && !slices.Contains(c.protocols(), ProtocolGluster) {
		return fmt.Errorf("engine %s reads by protocol %s only", EngineNetConn, ProtocolGluster)
	}
	return nil
}

func (c *Config) validateMatrix() error {
	for _, b := range c.Blocks {
		if b <= 0 || b > maxBlockBytes || b%unitBytes != 0 {
			return fmt.Errorf("block size %d: want a multiple of %d of at most %s", b, unitBytes, size.Name(maxBlockBytes))
		}
		if int64(b) > c.SizeBytes {
			return fmt.Errorf("block size %s is larger than what is read of a file, %s", size.Name(b), size.Name(c.SizeBytes))
		}
	}
	for _, d := range c.Depths {
		if d < 1 || d > maxDepth {
			return fmt.Errorf("depth %d: want 1 to %d", d, maxDepth)
		}
	}
	if b, d := slices.Max(append([]int{0}, c.Blocks...)), slices.Max(append([]int{0}, c.Depths...)); b*d > maxBufferBytes {
		return fmt.Errorf("%d reads of %s take more memory than %s; choose smaller blocks or fewer reads in flight",
			d, size.Name(b), size.Name(maxBufferBytes))
	}
	switch {
	case len(c.Blocks)*len(c.Depths)*len(c.Patterns) == 0:
		return errors.New("an empty list leaves nothing to measure")
	case c.Files < 1 || c.Files > maxFiles:
		return fmt.Errorf("%d files: want 1 to %d", c.Files, maxFiles)
	case c.RatePerS < 0 || c.RatePerS > maxRatePerS:
		return fmt.Errorf("%d reads per second: want 1 to %d", c.RatePerS, maxRatePerS)
	case c.RatePerS > 0 && c.With2013:
		return errors.New("the job of 2013 has no rate of reads")
	}
	return nil
}

func (c *Config) validateJobs() error {
	if c.SizeBytes < 0 {
		return fmt.Errorf("size %d is negative", c.SizeBytes)
	}
	a, err := c.assemble()
	if err != nil {
		return err
	}
	for i := range a.works {
		if n := a.works[i].bufferBytes(); n > maxBufferBytes {
			return fmt.Errorf("%s: all reads in flight take %s of memory, more than %s; lower bs= or iodepth=",
				a.works[i].Job, size.Name(n), size.Name(maxBufferBytes))
		}
	}
	return nil
}

func known(what string, given []string, names ...string) error {
	for _, s := range given {
		if !slices.Contains(names, s) {
			return fmt.Errorf("no %s is called %q; want one of %q", what, s, names)
		}
	}
	return nil
}

// protocols lists those that are read by.
func (c *Config) protocols() []string {
	if u := c.firstURL(); u != "" {
		return []string{ProtocolOf(u)}
	}
	return c.Protocols
}

// firstURL is one of what is read; "" if that is on the embedded server.
func (c *Config) firstURL() string {
	if len(c.URLs) > 0 {
		return c.URLs[0]
	}
	a, err := c.assemble()
	if err != nil {
		return "" // Validate tells
	}
	return a.firstURL()
}

// ways lists the ways of reading. Plans and registered buffers are the
// library's alone; of net.Conn there is GlusterFS only.
func (c *Config) ways() []Way {
	var list []Way
	for _, protocol := range c.protocols() {
		for _, e := range c.Engines {
			for _, p := range c.Placements {
				if e == EngineNetConn {
					if protocol == ProtocolGluster {
						list = append(list, Way{Protocol: protocol, Engine: e, Placement: p})
					}
					continue
				}
				for _, plan := range c.Plans {
					for _, fixed := range c.Fixed {
						list = append(list, Way{Protocol: protocol, Engine: e, Placement: p, Plan: plan, Fixed: fixed})
					}
				}
			}
		}
	}
	return list
}

// works lists what is read, in the order in which it is.
func (c *Config) works() []Work {
	a, err := c.assemble()
	if err != nil {
		return nil // Validate tells
	}
	return a.works
}

// Times of a run that was given none.
const (
	totalTime = 38 * time.Second
	minTime   = 50 * time.Millisecond
	maxTime   = 2 * time.Second
)

// timeEach is how long one measurement takes, its warm-up not counted; 0: as long as
// its job does.
func (c *Config) timeEach() time.Duration {
	if c.Time > 0 || len(c.Jobs) > 0 {
		return c.Time
	}
	n := len(c.works()) * len(c.ways()) * c.Repeat
	each := totalTime / time.Duration(n) * 10 / 11 // a tenth more is warm-up
	return min(max(each, minTime), maxTime).Round(10 * time.Millisecond)
}
