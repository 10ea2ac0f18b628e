package transport

import (
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/ring/poll"
)

// ioRing is what an engine does its input and output with: a *ring.Ring or a
// *poll.Ring, whose comments say what the methods do.
type ioRing interface {
	// Attach takes a connected socket over, or closes it and says why not.
	// Detach closes it.
	Attach(fd int) error
	Detach(fd int) error

	Recv(fd int, p []byte, flags ring.RecvFlags, userData uint64) error
	RecvMsg(fd int, m *ring.Message, flags ring.RecvFlags, userData uint64) error
	Send(fd int, p []byte, flags uint32, userData uint64) error
	Cancel(target, userData uint64) error
	Nop(userData uint64) error
	Withdraw()
	Queued() int
	Free() int

	Enter(min uint32, wait time.Duration) error
	EnterAway(min uint32, wait time.Duration) error
	Ready() bool
	Reap([]ring.CQE) int

	SetNotify(on bool)
	Park() error
	Wake() error

	Enters() uint64
	InFlight() int
	Close() error
}

// fixedRing is what a ring with registered memory has besides.
type fixedRing interface {
	NewBufferTable(count int) (bufferTable, error)
	ReadFixed(fd int, p []byte, index int, userData uint64) error
	ReadvFixed(fd int, m *ring.Message, index int, userData uint64) error
}

type bufferTable interface {
	Register(p []byte) (index int, err error)
	Unregister(index int) error
}

// backing is a ring with what is known of it.
type backing struct {
	ring   ioRing
	fixed  fixedRing // nil where memory cannot be registered
	kind   EngineKind
	offers Accelerators
}

// newBacking makes a ring of the kind that the options and the environment say, and
// adds to the options what the environment switches off.
func newBacking(o *Options) (backing, error) {
	kind, err := o.Engine.fromEnvironment()
	if err != nil {
		return backing{}, err
	}
	if kind > EnginePoller {
		return backing{}, fmt.Errorf("transport: unknown engine in the options: %v", kind)
	}
	without, err := withoutFromEnvironment()
	if err != nil {
		return backing{}, err
	}
	o.Without |= without
	if kind == EnginePoller {
		return newPoller(), nil
	}
	b, err := newURing()
	if err != nil && kind == EngineAuto && missing(err) {
		o.Logger.Info("no io_uring: going by the runtime's poller", "err", err)
		return newPoller(), nil
	}
	return b, err
}

func newPoller() backing {
	return backing{ring: poll.New(poll.Options{}), kind: EnginePoller, offers: pollerOffers()}
}
