package report

import (
	"fmt"

	"github.com/ringreadv/ringreadv/bench/size"
)

// Run is one repetition of a case, read in one way.
type Run struct {
	Case
	Way
	Repeat int `json:"repeat"` // from 1
	Figures
}

// Case is what is read. It is comparable: runs of one case have the same.
type Case struct {
	Server   string `json:"server"` // by name
	Protocol string `json:"protocol"`
	Job      string `json:"job"`
	Pattern  string `json:"pattern"` // order of the blocks: seq, rand, mixed
	// BlockBytes is the size of a read, the largest of those of several sizes;
	// BlockMinBytes is the smallest then, else 0.
	BlockBytes    int     `json:"block_bytes"`
	BlockMinBytes int     `json:"block_min_bytes,omitempty"`
	Depth         int     `json:"depth"`                // reads in flight in total
	Files         int     `json:"files"`                // read at the same time
	RatePerS      float64 `json:"rate_per_s,omitempty"` // reads begun in a second; 0: as many as are answered
}

// Block is the size of a read as people read it.
func (c Case) Block() string {
	if c.BlockMinBytes != 0 {
		return size.Name(c.BlockMinBytes) + "–" + size.Name(c.BlockBytes)
	}
	return size.Name(c.BlockBytes)
}

func (c Case) String() string {
	return fmt.Sprintf("%s %s, %s × %d", c.Server, c.Protocol, c.Block(), c.Depth)
}

// Way is who reads, and how. Its name is unique within a case; all else is "", false
// or 0 where it has no meaning.
type Way struct {
	Name      string `json:"way"`
	Engine    string `json:"engine"`
	Placement string `json:"placement,omitempty"` // copy, direct
	Plan      string `json:"plan,omitempty"`      // of the library
	Fixed     bool   `json:"fixed,omitempty"`     // registered buffers
	Conns     int    `json:"conns"`
	// Unchecked: it hands out no bytes to be compared where those of others are.
	Unchecked bool `json:"unchecked,omitempty"`
}
