package readv

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
)

// Options shape a Volume. Nil or the zero value works.
type Options struct {
	// Conns is the number of connections to a server; 0 means one for each
	// ring, and fewer are refused. More help where the server works on each
	// with one thread. Small reads go to one connection a few at a time.
	Conns int
	// Engine is what input and output are done with: zero means io_uring, or the
	// Go runtime's poller where io_uring is missing or forbidden, or what the
	// environment variable RINGREADV_ENGINE says ("uring", "poller"). The poller
	// is slower, and registering memory has no effect there; else nothing
	// differs.
	Engine transport.EngineKind
	// Without are accelerators to do without, as if the kernel did not have them,
	// besides those that the environment variable RINGREADV_WITHOUT names
	// ("poll-first,wait-all", "all"): reads bring the same bytes. `uringbench probe`
	// lists them.
	Without transport.Accelerators
	// Rings is the number of io_urings that connections and queues are dealt
	// over; 0 means 1. Reads on different rings share no lock, no entry into
	// the kernel and no connection: goroutines with a [Queue] each, on as many
	// CPUs, do not meet. A blocking read goes by the ring that one on the same
	// CPU went by before. Each ring costs a goroutine, some memory of the
	// kernel's, and registered memory pinned once more; reads that do not share
	// a ring do not share system calls either, so that one is cheapest for one
	// goroutine. Memory in two reads at once is found out if they are on the
	// same ring.
	Rings int
	// Depth is how many calls may be outstanding on a connection; further
	// ones wait inside the library. 0 means 64, at most 4096.
	Depth int
	// PrivilegedPort has connections come from a source port below 1024, which
	// some NFS servers insist on. It takes CAP_NET_BIND_SERVICE.
	PrivilegedPort bool
	// Dial makes the TCP connections to all services of the server, which have
	// to be of package net, or lend their descriptors as those do: for proxies,
	// network namespaces, or fault injection. Nil means a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout is how long a read may take if its context or Op says nothing,
	// and how long any other call may take. 0 means 30 s; negative means for
	// ever.
	Timeout time.Duration
	// FailFast has what a lost connection leaves unanswered fail at once with a
	// [transport.ConnError], for callers that have replicas to ask. Otherwise
	// reads are made again, on another connection or when there is a new one,
	// into the same memory from its start, until their time is up; so are
	// Open, Stat and ReadDir. New connections are made in either case.
	FailFast bool
	// Silence is how long the server may send nothing at all while calls are
	// outstanding; after half of it it is pinged. Then the connection is taken
	// for lost. 0 means 20 s; negative means for ever.
	Silence time.Duration
	// Bounce has payload received into the library's memory and copied to
	// the caller's: what other clients do, for comparison.
	Bounce bool
	// Plan is how receives are aimed; zero lets the library choose.
	Plan transport.Plan
	// FixedBuffers has the kernel's fixed-buffer receives used for
	// registered memory. They do not need to be faster: measure.
	FixedBuffers bool
	// Moderation bounds how long replies to reads of at most 16 KiB may be
	// left to gather before they are received together: see
	// transport.Options. 0 means 400 µs, negative means not at all.
	Moderation time.Duration
	// UID, GID and Groups are who reads, as servers check it. The zero value
	// is root.
	UID, GID uint32
	Groups   []uint32
	// Logger gets what an operator may want to know. Its handler must not call
	// back into this library. Nil means silence.
	Logger *slog.Logger
}

const (
	defaultTimeout = 30 * time.Second
	defaultSilence = 20 * time.Second
	maxRings       = 1024
)

func (o *Options) withDefaults() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Timeout == 0 {
		v.Timeout = defaultTimeout
	}
	if v.Silence == 0 {
		v.Silence = defaultSilence
	}
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	if v.Rings == 0 {
		v.Rings = 1
	}
	if v.Conns == 0 {
		v.Conns = v.Rings
	}
	return v
}

// validate reports what cannot be, of options with their defaults.
func (o *Options) validate() error {
	switch {
	case o.Rings < 1 || o.Rings > maxRings:
		return fmt.Errorf("readv: %d rings: want 1 to %d", o.Rings, maxRings)
	case o.Conns < o.Rings:
		return fmt.Errorf("readv: %d connections for %d rings: want one for each at least", o.Conns, o.Rings)
	}
	return nil
}

func (o *Options) connOptions() transport.ConnOptions {
	return transport.ConnOptions{Depth: o.Depth, PrivilegedPort: o.PrivilegedPort, Silence: max(o.Silence, 0), Dial: o.Dial}
}

func (o *Options) connsOptions() backend.ConnsOptions {
	return backend.ConnsOptions{
		Count: o.Conns, Conn: o.connOptions(), FailFast: o.FailFast, Timeout: max(o.Timeout, 0), Logger: o.Logger,
	}
}
