package transport

import (
	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// uring is an io_uring as an engine needs it.
type uring struct{ *ring.Ring }

// newURing sets up a ring. Errors are those of ring.New.
func newURing() (backing, error) {
	r, err := ring.New(ring.Options{})
	if err != nil {
		return backing{}, err
	}
	offers := offered(ring.Probe())
	if !r.CanWait() {
		offers &^= BoundedWait // refused since the probe
	}
	return backing{ring: uring{r}, fixed: uring{r}, kind: EngineURing, offers: offers}, nil
}

// Attach has the socket block: io_uring waits by itself then, instead of answering
// EAGAIN.
func (uring) Attach(fd int) error {
	err := unix.SetNonblock(fd, false)
	if err != nil {
		unix.Close(fd)
	}
	return err
}

func (uring) Detach(fd int) error { return unix.Close(fd) }

func (u uring) NewBufferTable(count int) (bufferTable, error) {
	t, err := u.Ring.NewBufferTable(count)
	if err != nil {
		return nil, err
	}
	return t, nil
}
