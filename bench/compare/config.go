package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/transport"
)

// Servers that are there to compare.
const (
	ServerEmbedded = bench.ServerEmbedded // of uringbench, see package bench/server
	ServerStub     = "stub"               // canned replies, NFS only
	ServerURL      = bench.ServerURL      // not ours
)

// Config says what is compared. Lists make the cross product.
type Config struct {
	// URL is of the file to read; none: Servers are started.
	URL       string
	Servers   []string
	Protocols []string // how they are read

	Blocks, Depths []int
	SizeBytes      int64    // of the file of a server that is started
	Contenders     []string // names and groups, see Words; the first is what others are compared with; none: those that everybody can have
	Conns          int      // connections of those that can have several
	Time           time.Duration
	Repeat         int
	Pin            bool // servers that are started and contenders get CPUs of their own
	Check          bool // bytes are compared before measuring

	// Self is the command line of uringbench; none: this program.
	Self []string
}

// Bounds of what can be asked for.
const (
	maxBytes = 1 << 30 // of all reads in flight
	maxDepth = 4096
	maxConns = 64
)

// Validate reports what cannot be compared.
func (c *Config) Validate() error {
	for _, b := range c.Blocks {
		if b < 4 || b%4 != 0 || int64(b) > c.SizeBytes && c.URL == "" {
			return fmt.Errorf("block size %d: want a multiple of 4, and no more than the file has", b)
		}
		for _, d := range c.Depths {
			if d < 1 || d > maxDepth || d*b > maxBytes {
				return fmt.Errorf("%d reads of %d bytes in flight: want 1 to %d reads of %d bytes together", d, b, maxDepth, maxBytes)
			}
		}
	}
	switch {
	case len(c.Blocks)*len(c.Depths) == 0, c.URL == "" && len(c.Servers)*len(c.Protocols) == 0:
		return errors.New("an empty list leaves nothing to compare")
	case c.Conns < 1 || c.Conns > maxConns:
		return fmt.Errorf("%d connections: want 1 to %d", c.Conns, maxConns)
	case c.Repeat < 1 || c.Repeat > 1000:
		return fmt.Errorf("%d repetitions: want 1 to 1000", c.Repeat)
	case c.Time < time.Millisecond:
		return fmt.Errorf("time %v: want at least 1ms", c.Time)
	}
	for _, s := range c.Servers {
		if s != ServerEmbedded && s != ServerStub {
			return fmt.Errorf("no server is called %q; want %s or %s", s, ServerEmbedded, ServerStub)
		}
	}
	for _, p := range c.Protocols {
		if p != bench.ProtocolNFS3 && p != bench.ProtocolGluster {
			return fmt.Errorf("no protocol is called %q; want %s or %s", p, bench.ProtocolNFS3, bench.ProtocolGluster)
		}
	}
	if c.URL != "" {
		if _, name, err := bench.SplitURL(c.URL); err != nil || name == "" {
			return cmp.Or(err, bench.Hint(fmt.Errorf("%s: want the URL of a file", c.URL), bench.ListCommand(c.URL)))
		}
	}
	list, err := parseContenders(c.Contenders)
	if err != nil {
		return err
	}
	for _, k := range list {
		if !k.byGroup && !c.canRead(k) {
			return fmt.Errorf("contender %s reads by protocol %s, and nothing is read by that", k.Name, strings.Join(k.protocols, ", "))
		}
	}
	return nil
}

// canRead reports whether there is something for a contender to read.
func (c *Config) canRead(k named) bool {
	return slices.ContainsFunc(k.protocols, func(protocol string) bool {
		return slices.ContainsFunc(c.servers(), func(server string) bool { return c.serves(server, protocol) })
	})
}

// servers are those to read from, by name.
func (c *Config) servers() []string {
	if c.URL != "" {
		return []string{ServerURL}
	}
	return c.Servers
}

// serves reports whether a server is to be read by a protocol.
func (c *Config) serves(server, protocol string) bool {
	switch server {
	case ServerURL:
		return protocol == bench.ProtocolOf(c.URL)
	case ServerStub:
		return protocol == bench.ProtocolNFS3 && slices.Contains(c.Protocols, protocol)
	}
	return slices.Contains(c.Protocols, protocol)
}

// contenders are those to run. If none are named the first, which others are compared
// with, is this library on the engine that it takes here, and others may be missing.
func (c *Config) contenders() (list []named) {
	words := c.Contenders
	if len(words) == 0 {
		words = slices.Clone(defaultWords)
		if kind, err := bench.EngineHere(transport.EngineAuto); err == nil {
			words[0] = kind.String() // io_uring may not be there
		}
	}
	list, err := parseContenders(words)
	if err != nil {
		panic(err) // Validate has been here
	}
	for i := range list {
		list[i].byGroup = list[i].byGroup || len(c.Contenders) == 0 && i > 0
	}
	return list
}
