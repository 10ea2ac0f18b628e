//go:build linux

package ring

import (
	"errors"
	"sync"
)

// Probe does each thing once on a pair of sockets and reports what worked. The
// first call takes a few milliseconds; the answer is kept for the process.
func Probe() Features { return probeOnce() }

var probeOnce = sync.OnceValue(probe)

func probe() Features {
	f := Features{
		Ring:             Feature{Name: "io_uring", Since: "5.1"},
		BoundedWait:      Feature{Name: "wait with a bound (EXT_ARG)", Since: "5.11"},
		DeferredTaskrun:  Feature{Name: "single issuer with deferred task work", Since: "6.1"},
		BufferTable:      Feature{Name: "table of registered buffers, filled later", Since: "5.13"},
		ReadFixed:        Feature{Name: "READ_FIXED from a socket", Since: "5.1"},
		ReadvFixed:       Feature{Name: "READV_FIXED from a socket", Since: "6.15"},
		RecvFixed:        Feature{Name: "RECV into a registered buffer", Since: "7.2"},
		WaitAll:          Feature{Name: "RECV that waits for all bytes", Since: "5.19"},
		CancelKeepsBytes: Feature{Name: "cancelled RECV reports the bytes it took", Since: "6.0"},
		PollFirst:        Feature{Name: "RECV that does not try before it polls", Since: "5.19"},
	}
	f.Ring.settle(probeRing())
	f.BoundedWait.settle(probeSetup(Options{}, func(r *Ring) bool { return r.CanWait() }))
	f.DeferredTaskrun.settle(probeSetup(Options{SingleIssuer: true}, func(r *Ring) bool {
		return r.SetupFlags()&setupDeferTaskrun != 0
	}))
	f.BufferTable.settle(onRig(func(b *rig) error { return b.registerTarget() }))
	f.ReadFixed.settle(onRig(probeReadFixed))
	f.ReadvFixed.settle(onRig(probeReadvFixed))
	f.RecvFixed.settle(onRig(probeRecvFixed))
	f.WaitAll.settle(onRig(probeWaitAll))
	f.CancelKeepsBytes.settle(onRig(probeCancelKeepsBytes))
	f.PollFirst.settle(onSockets(tcpPair, probePollFirst))
	return f
}

func (f *Feature) settle(err error) {
	f.Err = err
	var forbidden *ForbiddenError
	switch {
	case err == nil:
		f.Answer = Yes
	case errors.As(err, &forbidden):
		f.Answer = Forbidden
	}
}

var errNotThere = errors.New("the kernel did not offer it")

func probeRing() error {
	return probeSetup(Options{}, func(*Ring) bool { return true })
}

func probeSetup(o Options, has func(*Ring) bool) error {
	o.Entries = 4
	r, err := New(o)
	if err != nil {
		return err
	}
	defer r.Close()
	if !has(r) {
		return errNotThere
	}
	return nil
}
