//go:build linux

package ring

import (
	"errors"
	"sync"
)

// probed is what the first Probe found that could tell of everything.
var probed struct {
	mu       sync.Mutex
	features *Features
}

// Probe does each thing once on a pair of sockets and reports what worked. It takes
// a few milliseconds; once it could tell of everything, the answer is kept for the
// process.
func Probe() Features {
	probed.mu.Lock()
	defer probed.mu.Unlock()
	if probed.features != nil {
		return *probed.features
	}
	f := probe()
	for _, x := range f.All() {
		if x.Answer == Unknown {
			return f
		}
	}
	probed.features = &f
	return f
}

func probe() Features {
	f := unasked()
	f.Ring.Settle(probeRing())
	f.BoundedWait.Settle(probeBoundedWait())
	f.DeferredTaskrun.Settle(probeDeferredTaskrun())
	f.BufferTable.Settle(onRig(func(b *rig) error { return b.registerTarget() }))
	f.ReadFixed.Settle(onRig(probeReadFixed))
	f.ReadvFixed.Settle(onRig(probeReadvFixed))
	f.RecvFixed.Settle(onRig(probeRecvFixed))
	f.WaitAll.Settle(onRig(probeWaitAll))
	f.CancelKeepsBytes.Settle(onRig(probeCancelKeepsBytes))
	f.PollFirst.Settle(probePollFirst())
	return f
}

var errNotThere = errors.New("the kernel did not offer it")

// probeRing sets up a ring of the usual size: RLIMIT_MEMLOCK may allow smaller ones.
func probeRing() error {
	r, err := New(Options{})
	if err != nil {
		return err
	}
	return r.Close()
}

func probeBoundedWait() error {
	return onSmallRing(Options{}, func(r *Ring) error { return r.waitErr })
}

func probeDeferredTaskrun() error {
	return onSmallRing(Options{SingleIssuer: true}, func(r *Ring) error {
		if r.SetupFlags()&setupDeferTaskrun == 0 {
			return errNotThere
		}
		return nil
	})
}
