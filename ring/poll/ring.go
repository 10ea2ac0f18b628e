package poll

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// Options shape a Ring. The zero value works.
type Options struct {
	// Entries is how many entries may be queued between two calls of Enter. 0
	// means 256.
	Entries int
}

const defaultEntries = 256

// Ring does entries over the runtime's poller. See the package comment for who may
// call what at the same time. Where both locks are held, submit was taken first.
type Ring struct {
	size    int            // of the queue
	calls   atomic.Uint64  // system calls on sockets
	waiting sync.WaitGroup // goroutines that wait for a socket

	submit sync.Mutex // held while entries are taken up, one after the other
	batch  []entry    // those

	mu       sync.Mutex
	queue    []entry
	sockets  map[int]*socket
	inFlight int // queued, and the completion not reaped
	done     completions
	closed   bool

	notify bool          // completions wake Park
	note   chan struct{} // the wake-up
	end    chan struct{} // closed by Close
}

// New makes a ring.
func New(o Options) *Ring {
	if o.Entries <= 0 {
		o.Entries = defaultEntries
	}
	return &Ring{
		size:    o.Entries,
		sockets: make(map[int]*socket),
		note:    make(chan struct{}, 1),
		end:     make(chan struct{}),
	}
}

// Attach takes the connected stream socket fd over: it is made non-blocking and
// given to the runtime's poller. If there is an error, such as [os.ErrNoDeadline]
// from a poller that does not take it, it has been closed.
func (r *Ring) Attach(fd int) error {
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return fmt.Errorf("poll: making a socket non-blocking: %w", err)
	}
	s, err := newSocket(r, fd)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sockets[fd] = s
	return nil
}

// Detach closes a socket that Attach took over. Entries of it that wait complete
// with ECANCELED, or with the bytes they have.
func (r *Ring) Detach(fd int) error {
	r.mu.Lock()
	s := r.sockets[fd]
	delete(r.sockets, fd)
	r.mu.Unlock()
	if s == nil {
		return unix.EBADF
	}
	return s.file.Close()
}

// closeWait bounds how long Close waits for entries to end by themselves.
const closeWait = 2 * time.Second

// Close waits up to two seconds for the completions of everything in flight, then
// closes the sockets that are still attached, which ends what is left. When it
// returns no goroutine of the ring runs and no memory is written any more.
// Completions not yet reaped are dropped. Close a second time does nothing.
func (r *Ring) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.mu.Unlock()
	var scratch [32]ring.CQE
	for end := time.Now().Add(closeWait); r.InFlight() > 0 && time.Now().Before(end); {
		if r.Reap(scratch[:]) == 0 {
			r.Enter(1, time.Millisecond)
		}
	}
	r.mu.Lock()
	left := r.sockets
	r.sockets = nil
	r.mu.Unlock()
	var errs []error
	for _, s := range left {
		errs = append(errs, s.file.Close())
	}
	r.waiting.Wait()
	close(r.end)
	return errors.Join(errs...)
}

// InFlight is the number of entries queued whose completion has not been reaped.
func (r *Ring) InFlight() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inFlight
}

// Enters is the number of system calls made on sockets so far; those of the
// runtime's poller are not among them.
func (r *Ring) Enters() uint64 { return r.calls.Load() }

// SetNotify turns the signal on or off that wakes [Ring.Park] when an entry
// completes. It is off after New. After turning it on, look at [Ring.Ready] once
// before parking: a completion that came before is not signalled.
func (r *Ring) SetNotify(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notify = on
}

// Park blocks until a completion is signalled (see [Ring.SetNotify]) or [Ring.Wake]
// is called. After Close it returns os.ErrClosed.
func (r *Ring) Park() error {
	select {
	case <-r.end:
		return os.ErrClosed
	default:
	}
	select {
	case <-r.note:
		return nil
	case <-r.end:
		return os.ErrClosed
	}
}

// Wake makes the current or the next Park return. After Close it returns
// os.ErrClosed.
func (r *Ring) Wake() error {
	select {
	case <-r.end:
		return os.ErrClosed
	default:
	}
	r.signal()
	return nil
}

func (r *Ring) signal() {
	select {
	case r.note <- struct{}{}:
	default: // one is there
	}
}
