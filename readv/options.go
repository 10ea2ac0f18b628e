package readv

import (
	"log/slog"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// Options shape a Volume. Nil or the zero value works.
type Options struct {
	// Conns is the number of connections to a server; 0 means 1. More help
	// where the server works on each with one thread.
	Conns int
	// Depth is how many calls may be outstanding on a connection; further
	// ones wait inside the library. 0 means 64, at most 4096.
	Depth int
	// PrivilegedPort has connections come from a source port below 1024, which
	// some NFS servers insist on. It takes CAP_NET_BIND_SERVICE.
	PrivilegedPort bool
	// Timeout is how long a read may take if its context or Op says nothing,
	// and how long any other call may take. 0 means 30 s; negative means for
	// ever.
	Timeout time.Duration
	// Bounce has payload received into the library's memory and copied to
	// the caller's: what other clients do, for comparison.
	Bounce bool
	// Plan is how receives are aimed; zero lets the library choose.
	Plan transport.Plan
	// FixedBuffers has the kernel's fixed-buffer receives used for
	// registered memory. They do not need to be faster: measure.
	FixedBuffers bool
	// UID, GID and Groups are who reads, as servers check it. The zero value
	// is root.
	UID, GID uint32
	Groups   []uint32
	// Logger gets what an operator may want to know. Its handler must not call
	// back into this library. Nil means silence.
	Logger *slog.Logger
}

const defaultTimeout = 30 * time.Second

func (o *Options) withDefaults() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Timeout == 0 {
		v.Timeout = defaultTimeout
	}
	return v
}
