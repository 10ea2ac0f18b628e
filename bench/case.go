package bench

import (
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport"
)

// Names in a Case.
const (
	Job2013   = jobs.Experiment2013
	JobMatrix = report.JobMatrix

	ProtocolGluster = string(server.Gluster)
	ProtocolNFS3    = string(server.NFS3)

	EngineAuto    = "auto"               // the library, by EngineUring if that can be, else EnginePoller
	EngineUring   = "uring"              // the library by io_uring
	EnginePoller  = "poller"             // the library by the Go runtime's poller
	EngineNetConn = report.EngineNetConn // package bench/netconn

	PlacementCopy   = report.PlacementCopy // received into a buffer of the reader, then copied
	PlacementDirect = "direct"             // received where the caller wants it

	PatternSeq   = "seq"
	PatternRand  = "rand"
	patternMixed = "mixed" // of a job that has both
)

// Way is one way of reading.
type Way struct {
	Protocol  string
	Engine    string
	Placement string
	Plan      transport.Plan // of the library
	Fixed     bool           // of the library: buffers registered and received into as such
	// Moderation is that of readv.Options, of the library.
	Moderation time.Duration
}

func (w Way) String() string {
	s := w.Engine + " " + w.Placement
	if w.Plan != transport.PlanAuto {
		s += " " + w.Plan.String()
	}
	if w.Fixed {
		s += " fixed"
	}
	return s
}

// reported is the way as reports have it.
func (w Way) reported(conns int) report.Way {
	r := report.Way{Name: w.String(), Engine: w.Engine, Placement: w.Placement, Fixed: w.Fixed, Conns: conns}
	if w.Engine != EngineNetConn {
		r.Plan = w.Plan.String()
	}
	return r
}

// Case is one thing to measure.
type Case struct {
	Work
	Way
}

func (c Case) String() string {
	return fmt.Sprintf("%s, %s × %d, %s", c.Protocol, c.block(), c.Depth(), c.Way)
}
