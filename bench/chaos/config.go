package chaos

import (
	"errors"
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/faults"
)

// Config says what a run does. The zero value is not valid: Time has no default.
type Config struct {
	// URL names a file or a directory whose files are read; empty has the
	// embedded server started and read by each of Protocols.
	URL       string
	Protocols []string
	// Time is how long reads go on, all legs together.
	Time time.Duration
	// Seed chooses the faults.
	Seed uint64
	// Files is how many files are read at most, SizeBytes how much of each.
	Files     int
	SizeBytes int64
	// Engine is what the library reads with.
	Engine transport.EngineKind

	script func(conn int) faults.Script // nil: random
}

// mix is what happens to connections. Most faults leave a connection alive: else
// nothing but handshakes would be tested.
var mix = faults.Mix{
	Weights: map[faults.Kind]int{
		faults.Delay: 5, faults.Split: 5, faults.Reorder: 8, faults.Duplicate: 5, faults.Corrupt: 6,
		faults.Cut: 3, faults.Reset: 3, faults.BlackHole: 1, faults.CloseToClient: 2, faults.CloseToServer: 2,
	},
	Bytes: 48 << 20,
	For:   30 * time.Millisecond,
}

const (
	// patience is the deadline of a read that has no shorter one, and of every
	// other call.
	patience = 2 * time.Second
	// silence is how long a server may say nothing before it is given up: much
	// less than a read has, so that reads outlive black holes.
	silence = 500 * time.Millisecond
	// grace is how much later than its deadline a call may end before it counts
	// as hung.
	grace = 5 * time.Second
	// maxReadBytes is the longest read.
	maxReadBytes = 1 << 20
	// maxSizeBytes is how much of a file may be read: its content is held in
	// memory.
	maxSizeBytes = 256 << 20
)

// Validate reports what cannot be.
func (c *Config) Validate() error {
	switch {
	case c.Time <= 0:
		return fmt.Errorf("a run of %v: want some time", c.Time)
	case c.Files < 1:
		return fmt.Errorf("%d files: want one at least", c.Files)
	case c.SizeBytes < 1 || c.SizeBytes > maxSizeBytes:
		return fmt.Errorf("%d bytes of each file: want 1 to %d, since they are held in memory", c.SizeBytes, maxSizeBytes)
	case c.URL == "" && len(c.Protocols) == 0:
		return errors.New("no protocol")
	}
	for _, p := range c.Protocols {
		if p != bench.ProtocolGluster && p != bench.ProtocolNFS3 {
			return fmt.Errorf("no protocol is called %q; want gluster or nfs3", p)
		}
	}
	return nil
}
