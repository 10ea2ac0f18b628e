package transport

import (
	"runtime"
	"sync"
)

// leaked are engines that the kernel did not let go of at Close, kept with all
// that they refer to, pinned as it is, for as long as the process lives.
var leaked struct {
	mu      sync.Mutex
	engines []*Engine
	pins    []runtime.Pinner
}

// leak reports the calls whose memory the kernel has not let go of, on connections
// that ended a while ago. Theirs is the only loan that ends like that.
func (e *Engine) leak() error {
	if e.liveConns() == 0 {
		return nil
	}
	e.leaking = true
	leaked.mu.Lock()
	defer leaked.mu.Unlock()
	leaked.engines = append(leaked.engines, e)
	for _, c := range e.conns {
		if c == nil {
			continue
		}
		for call := range c.slots.calls() {
			c.release(call, false)
			// The pins are not the caller's to lose.
			leaked.pins = append(leaked.pins, call.pinner)
			call.pinner = runtime.Pinner{}
			e.report(call, ErrLeaked)
		}
	}
	return ErrLeaked
}
