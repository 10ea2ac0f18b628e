package transport

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Options shape an Engine. The zero value works.
type Options struct {
	// Engine is what input and output are done with; zero means io_uring, or the
	// runtime's poller where there is none, or what [EngineVariable] says.
	Engine EngineKind
	// Plan is how receives are aimed; zero lets the engine choose.
	Plan Plan
	// FixedBuffers has payload received with the kernel's fixed-buffer
	// operations where the plan is exact and the memory is registered.
	FixedBuffers bool
	// Wait bounds how long a waiting goroutine stays in the kernel with its P
	// before it parks on the runtime's poller. 0 means 500 µs, or 10 ms after
	// replies that came within that; negative means that it parks at once. The
	// goroutine yields before a wait that may be long, and a signal of the
	// runtime's ends one, so that a collection does not have to wait for it
	// (with GODEBUG=asyncpreemptoff=1 it does).
	Wait time.Duration
	// Moderation bounds how long replies to small reads may be left to gather
	// before they are received. The engine pauses where a server answers one
	// by one, eight calls or more are outstanding and none is large, and for
	// as long as a quarter of the replies take: less CPU time, replies later
	// by a quarter at most. The goroutine keeps its P meanwhile. 0 means 400
	// µs; negative means no pauses; at most Wait. It takes [BoundedWait].
	Moderation time.Duration
	// Without are accelerators to do without, besides those that the environment
	// names ([WithoutVariable]). Zero means to go by all that are there; ^PollFirst
	// to go by that alone.
	Without Accelerators
	// CloseTimeout is how long Close lets calls in flight end by themselves.
	// 0 means 5 s.
	CloseTimeout time.Duration
	// Logger gets what an operator may want to know: connections lost,
	// features refused. Its handler runs with the engine's lock held. Nil
	// means silence.
	Logger *slog.Logger

	adaptive bool // Wait is the default
}

const (
	defaultWait         = 500 * time.Microsecond
	defaultModeration   = 400 * time.Microsecond
	defaultCloseTimeout = 5 * time.Second
	// lazyArm is how long the engine waits for the caller to come back and
	// drive before it has completions wake its own goroutine.
	lazyArm = time.Millisecond
)

func (o Options) withDefaults() Options {
	if o.adaptive = o.Wait == 0; o.adaptive {
		o.Wait = defaultWait
	}
	if o.Moderation == 0 {
		o.Moderation = defaultModeration
	}
	o.Moderation = min(o.Moderation, max(o.Wait, 0))
	if o.CloseTimeout == 0 {
		o.CloseTimeout = defaultCloseTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// ConnOptions shape a Conn. The zero value works.
type ConnOptions struct {
	// Depth is how many calls may be outstanding at the server; further ones
	// wait for their turn. 0 means 64, which is where a GlusterFS brick stops
	// reading; at most 4096.
	Depth int
	// StagingBytes is the memory for headers and everything else that is not
	// payload on its way to a caller. 0 means 64 KiB.
	StagingBytes int
	// PrivilegedPort has Dial connect from a source port below 1024, which
	// some servers take for a sign of trust. It takes CAP_NET_BIND_SERVICE;
	// without it Dial fails with a [PrivilegeError].
	PrivilegedPort bool
	// Lost is called, on a goroutine of its own, when the connection has ended
	// other than by Close. From the end on, calls on it that have a Resend are
	// kept, new ones too, until [Conn.Resend] or [Conn.Retire] has them made
	// again elsewhere or [Conn.Forsake] fails them; one of the last two has to
	// be called in the end. Deadlines and Cancel end them as ever. Closing the
	// engine waits for Lost to return. Nil means that all calls fail at once.
	Lost func(*Conn)
	// Silence is how long a server may send nothing while calls are outstanding
	// before the connection is taken for dead and ends with [ErrSilent]. After
	// half of it Ping is called, unless it is the zero Procedure; it takes no
	// arguments. Dial has the kernel watch over what is sent and over idle
	// connections with the same patience (TCP_USER_TIMEOUT, keepalive). 0 means
	// that the server may take for ever.
	Silence  time.Duration
	Ping     xdrwire.Procedure
	PingCred xdrwire.Auth
	// Dial makes the TCP connections, from which the sockets are taken: their
	// net.Conns have to be syscall.Conns, as the ones of package net are. Nil
	// means a net.Dialer. With a function PrivilegedPort says nothing.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	defaultDepth        = 64
	maxDepth            = 1 << slotBits
	defaultStagingBytes = 64 << 10
	minStagingBytes     = 1 << 10
)

func (o ConnOptions) withDefaults() ConnOptions {
	if o.Depth <= 0 {
		o.Depth = defaultDepth
	}
	o.Depth = min(o.Depth, maxDepth)
	if o.StagingBytes <= 0 {
		o.StagingBytes = defaultStagingBytes
	}
	o.StagingBytes = max(o.StagingBytes, minStagingBytes)
	return o
}
