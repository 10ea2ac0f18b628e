//go:build linux

package ring

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	iouring "github.com/iceber/iouring-go/syscall"
	"golang.org/x/sys/unix"
)

// Options shape a Ring. The zero value works.
type Options struct {
	// Entries is the size of the submission queue, rounded up to a power of
	// two by the kernel. 0 means 256.
	Entries uint32
	// CompletionEntries is the size of the completion queue; 0 means twice
	// Entries.
	CompletionEntries uint32
	// SingleIssuer promises that one OS thread makes every call (the caller
	// has locked its goroutine to it) and lets the kernel defer its work to
	// that thread's waits (SINGLE_ISSUER, DEFER_TASKRUN; since 6.1, ignored
	// where missing).
	SingleIssuer bool
}

const defaultEntries = 256

// Ring is one io_uring instance. See the package comment for who may call what
// at the same time.
type Ring struct {
	fd     int
	params iouring.IOURingParams
	q      queueMemory
	note   *os.File // eventfd that the kernel signals on completions
	guard  ringGuard

	waitErr   error // why Enter cannot wait
	withdrawn []CQE // entries taken back, to be reaped

	sqTail   uint32 // next entry to fill; the kernel sees it after publish
	inFlight atomic.Int64
	enters   atomic.Uint64
	closed   bool
}

// optionalSetup are setup flags that only make things faster, newest first: New
// drops them one after the other until the kernel takes what is left.
var optionalSetup = []uint32{
	setupNoSQArray,
	setupDeferTaskrun | setupSingleIssuer,
	iouring.IORING_SETUP_SUBMIT_ALL,
}

// New sets up a ring with the best flags this kernel takes. The error is a
// [ForbiddenError] where io_uring is missing or not allowed.
func New(o Options) (*Ring, error) {
	if o.Entries == 0 {
		o.Entries = defaultEntries
	}
	if o.CompletionEntries == 0 {
		o.CompletionEntries = 2 * o.Entries
	}
	flags := iouring.IORING_SETUP_CQSIZE | iouring.IORING_SETUP_SUBMIT_ALL | setupNoSQArray
	if o.SingleIssuer {
		flags |= setupSingleIssuer | setupDeferTaskrun
	}
	r := &Ring{}
	var err error
	for drop := 0; ; drop++ {
		r.params = iouring.IOURingParams{Flags: flags, CQEntries: o.CompletionEntries}
		r.fd, err = iouring.IOURingSetup(uint(o.Entries), &r.params)
		if !errors.Is(err, unix.EINVAL) || drop == len(optionalSetup) {
			break
		}
		flags &^= optionalSetup[drop]
	}
	if err != nil {
		return nil, setupError(err)
	}
	unix.CloseOnExec(r.fd)
	if err := r.finishSetup(); err != nil {
		unix.Close(r.fd)
		return nil, err
	}
	return r, nil
}

func (r *Ring) finishSetup() error {
	if r.params.Features&featNoDrop == 0 {
		return &UnsupportedError{Feature: "completions that are never dropped", Since: "5.5"}
	}
	q, err := mapQueues(r.fd, &r.params)
	if err != nil {
		return err
	}
	r.q = q
	r.sqTail = atomic.LoadUint32(q.sqTail)
	r.guardSetup()
	if r.note, err = r.registerEventfd(); err != nil {
		r.q.unmap()
		return err
	}
	r.SetNotify(false)
	if err := r.proveEnter(); err != nil {
		r.q.unmap()
		r.note.Close()
		return err
	}
	return nil
}

// proveEnter has the kernel do nothing, once, with a bounded wait and, if that is
// refused, without: a filter may let rings be set up and refuse to have them work.
func (r *Ring) proveEnter() error {
	if r.params.Features&featExtArg == 0 {
		r.waitErr = errNotThere
	}
	err := errors.Join(r.Nop(0), r.Enter(1, closeWait))
	if err != nil && r.CanWait() {
		r.waitErr = err
		err = r.Enter(0, 0)
	}
	if err == nil && r.Reap(make([]CQE, 1)) != 1 {
		err = errors.New("ring: the first entry did not complete")
	}
	r.enters.Store(0)
	return err
}

// closeWait bounds how long Close waits for completions of work in flight.
const closeWait = 2 * time.Second

// ErrStillInFlight is returned by [Ring.Close] when the kernel did not finish
// its work in time. The ring's memory is then leaked on purpose: unmapping or
// reusing it under the kernel would be worse.
var ErrStillInFlight = errors.New("ring: entries still in flight at close: memory leaked on purpose")

// Close waits up to two seconds for the completions of everything in flight,
// then unmaps the queues and closes the ring, which also unregisters its
// buffers. The caller cancels first what would not end by itself; completions
// not yet reaped are dropped. Close a second time does nothing.
func (r *Ring) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	var scratch [32]CQE
	for deadline := time.Now().Add(closeWait); r.InFlight() > 0; {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w (%d entries)", ErrStillInFlight, r.InFlight())
		}
		if r.Reap(scratch[:]) == 0 {
			if err := r.Enter(1, time.Millisecond); err != nil || !r.CanWait() {
				time.Sleep(time.Millisecond)
			}
		}
	}
	return errors.Join(r.q.unmap(), unix.Close(r.fd), r.note.Close())
}

// InFlight is the number of entries queued whose completion has not been
// reaped.
func (r *Ring) InFlight() int { return int(r.inFlight.Load()) }

// Enters is the number of io_uring_enter(2) calls made so far.
func (r *Ring) Enters() uint64 { return r.enters.Load() }

// SetupFlags are the IORING_SETUP_* flags that the kernel took.
func (r *Ring) SetupFlags() uint32 { return r.params.Flags }

// Features is the IORING_FEAT_* mask that the kernel reported.
func (r *Ring) Features() uint32 { return r.params.Features }
