package readv

import (
	"context"
	"errors"
	"math"
	"sync"
	"syscall"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// Refusals of Submit and Wait; with each of them nothing was lent.
var (
	// ErrQueueFull: as many operations are in flight as the queue takes.
	ErrQueueFull = transport.ErrQueueFull
	// ErrInFlight: the Op has been submitted and not handed back.
	ErrInFlight = transport.ErrInFlight
	// ErrBufferInUse: memory of the Op is lent to another read.
	ErrBufferInUse = transport.ErrBufferInUse
	// ErrBusyQueue: another goroutine waits on the queue.
	ErrBusyQueue = transport.ErrBusyQueue
	// ErrClosed: the volume has been closed. It matches net.ErrClosed.
	ErrClosed = transport.ErrClosed
)

// Queue takes operations in and hands the finished ones back. Submit, Add, Flush
// and Cancel may be called from many goroutines, Wait from one at a time. All its
// reads go by one of the volume's rings ([Options].Rings).
type Queue struct {
	volume *Volume
	ring   int
	calls  *transport.Queue
	limit  int
	guard  queueGuard

	mu       sync.Mutex
	inFlight int
	ready    opList // finished without a call
}

// NewQueue makes a queue that has at most limit operations in flight. The first
// is on the volume's first ring, the second on its second, and round again.
func (v *Volume) NewQueue(limit int) *Queue {
	ring := int((v.queues.Add(1) - 1) % uint32(len(v.engines)))
	return &Queue{volume: v, ring: ring, limit: max(limit, 1), calls: v.engines[ring].NewQueue(math.MaxInt)}
}

// Submit starts operations: their slices are lent from here on. It returns how
// many it took; with fewer than were given the error says why the next one was
// refused, and nothing of that one and those after it is lent.
func (q *Queue) Submit(ops ...*Op) (int, error) {
	n, err := q.Add(ops...)
	if n > 0 {
		q.calls.Flush()
	}
	return n, err
}

// Add is Submit without the syscall: the reads leave with the next Submit, Flush
// or Wait, or within a millisecond. A loop that adds and then waits makes one
// syscall for both.
func (q *Queue) Add(ops ...*Op) (int, error) {
	for i, o := range ops {
		if err := q.add(o); err != nil {
			return i, err
		}
	}
	return len(ops), nil
}

// Flush sends what was added.
func (q *Queue) Flush() { q.calls.Flush() }

func (q *Queue) add(o *Op) error {
	switch {
	case o.File == nil:
		return errNoFile
	case o.File.volume != q.volume:
		return errForeignFile
	case o.Off < 0:
		return q.volume.pathError("read", o.File.name, syscall.EINVAL)
	case q.volume.closed.Load():
		return ErrClosed
	case !o.state.queue.CompareAndSwap(nil, q):
		return ErrInFlight
	}
	err := q.admit(o)
	if err != nil {
		o.state.queue.Store(nil)
	}
	return err
}

var (
	errNoFile      = errors.New("readv: an Op without a File")
	errForeignFile = errors.New("readv: the file is of another volume than the queue")
)

// admit takes an operation in that no queue has.
func (q *Queue) admit(o *Op) error {
	if err := o.File.acquire(q.ring); err != nil {
		return q.volume.pathError("read", o.File.name, err)
	}
	q.mu.Lock()
	err := q.begin(o)
	q.mu.Unlock()
	if err != nil {
		o.File.release(q.ring)
	}
	return err
}

// begin starts the operation's calls. The lock is held.
func (q *Queue) begin(o *Op) error {
	q.guardUse()
	o.guardUse()
	if q.inFlight >= q.limit {
		return ErrQueueFull
	}
	s := &o.state
	s.size, s.cancel = 0, nil
	for _, v := range o.Iovs {
		s.size += len(v)
	}
	o.split(q.volume.backend.MaxRead())
	if s.size == 0 {
		q.ready.push(o)
	} else if err := q.start(o); err != nil {
		return err
	}
	q.inFlight++
	q.guardCounts()
	o.guardTaken()
	return nil
}

// start hands the calls of all parts to the engine, or none of them.
func (q *Queue) start(o *Op) error {
	deadline := q.volume.deadline(o.Deadline)
	var few [4]*transport.Call
	calls := few[:0]
	for i := range o.state.parts {
		p := o.part(i)
		if err := p.prepare(q); err != nil {
			return q.volume.pathError("read", o.File.name, err)
		}
		p.Call.Deadline = deadline
		calls = append(calls, &p.Call)
	}
	return q.calls.Add(calls...)
}

// Wait sends what was added and blocks until at least min operations have
// finished, or all that are in flight if those are fewer; it hands back as many
// as there are and done has room for. With a min of 0 it does not block. If the
// context ends first, it returns its error with what was there; the rest stays
// in flight.
func (q *Queue) Wait(ctx context.Context, done []*Op, min int) (int, error) {
	return q.WaitUntil(ctx, done, min, time.Time{})
}

// WaitUntil is Wait that also returns when t has come, with what was there by then,
// which is no error: for reads that are due at given times. A zero t never comes. It may
// be late by what timers are: some 50 µs with io_uring, a millisecond without.
func (q *Queue) WaitUntil(ctx context.Context, done []*Op, min int, t time.Time) (int, error) {
	n := 0
	for {
		n += q.takeReady(done[n:])
		want := 0
		if n < min && n < len(done) {
			want = 1
		}
		if err := q.calls.WaitUntil(ctx, want, t); err != nil {
			return n, err
		}
		n += q.takeFinished(done[n:])
		if n >= min || n == len(done) || q.InFlight() == 0 || (!t.IsZero() && time.Until(t) <= 0) {
			return n, nil
		}
	}
}

// takeReady hands back operations that needed no call.
func (q *Queue) takeReady(done []*Op) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(done) {
		o := q.ready.pop()
		if o == nil {
			break
		}
		q.finish(o)
		done[n] = o
		n++
	}
	return n
}

// takeFinished hands back operations all of whose calls have ended.
func (q *Queue) takeFinished(done []*Op) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.guardUse()
	n := 0
	for n < len(done) {
		c := q.calls.Pop()
		if c == nil {
			break
		}
		p := c.UserData.(*part)
		if !p.ended() && q.resume(p) {
			continue
		}
		o := p.op
		if o.state.pending--; o.state.pending == 0 {
			q.finish(o)
			done[n] = o
			n++
		}
	}
	return n
}

// resume asks for the rest of a part whose reply was short, unless the operation
// has been cancelled meanwhile.
func (q *Queue) resume(p *part) bool {
	err := p.op.state.cancel
	if err == nil {
		err = p.prepare(q)
	}
	if err == nil {
		err = q.calls.Add(&p.Call)
	}
	p.err = err
	return err == nil
}

// finish makes the operation the caller's again. The lock is held.
func (q *Queue) finish(o *Op) {
	o.collect()
	o.guardHandedBack()
	o.File.release(q.ring)
	q.inFlight--
	q.guardCounts()
	o.state.queue.Store(nil)
}

// Cancel asks for an operation to end soon. It is handed back by Wait all the
// same, with context.Canceled or, if it was faster, with its bytes; its slices
// stay lent until then.
func (q *Queue) Cancel(o *Op) { q.cancel(o, context.Canceled) }

func (q *Queue) cancel(o *Op, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if o.state.queue.Load() != q || o.state.size == 0 {
		return
	}
	o.guardUse()
	o.state.cancel = err
	for i := range o.state.parts {
		q.calls.Cancel(&o.part(i).Call, err)
	}
}

// InFlight is the number of operations taken in and not handed back.
func (q *Queue) InFlight() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inFlight
}

// opList is a FIFO of operations.
type opList struct{ head, tail *Op }

func (l *opList) push(o *Op) {
	o.state.next = nil
	if l.tail == nil {
		l.head = o
	} else {
		l.tail.state.next = o
	}
	l.tail = o
}

func (l *opList) pop() *Op {
	o := l.head
	if o != nil {
		if l.head = o.state.next; l.head == nil {
			l.tail = nil
		}
	}
	return o
}
