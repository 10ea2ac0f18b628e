package transport

import "fmt"

// fail ends what an engine does: entering its ring is refused, by a filter that came
// after the ring. Its connections and all their calls end with [ErrBroken], and there
// will be no new ones. What the kernel has taken completes by itself.
func (e *Engine) fail(err error) {
	e.broken = fmt.Errorf("%w: %w", ErrBroken, err)
	e.uses &^= BoundedWait
	e.opt.Logger.Error("the ring is refused: the engine works no more", "err", err)
	for _, c := range e.conns {
		if c != nil {
			c.abort(e.broken)
		}
	}
	e.takeBack()
}

// takeBack ends the entries that the kernel of a broken engine has not taken, when
// nobody is inside who might still hand them over.
func (e *Engine) takeBack() {
	if e.driver.inside == 0 {
		e.ring.Withdraw()
		e.reap()
	}
}
