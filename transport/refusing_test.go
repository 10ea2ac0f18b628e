package transport

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

// refusing is a ring that answers an errno to entries which use an accelerator, as a
// kernel might that has changed its mind: no filter sees entries. The ring inside has
// an entry that does nothing in their place.
type refusing struct {
	ioRing
	fixedRing
	what  Accelerators
	errno unix.Errno

	mu      sync.Mutex
	instead map[uint64]bool // user data of entries refused and not reaped
	refused int
}

// deny queues an entry that will be answered the errno, if it uses what is refused.
func (r *refusing) deny(a Accelerators, userData uint64) (bool, error) {
	if a&r.what == 0 {
		return false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.instead[userData] = true
	r.refused++
	return true, r.ioRing.Nop(userData)
}

func usedBy(flags ring.RecvFlags) (a Accelerators) {
	if flags&ring.PollFirst != 0 {
		a |= PollFirst
	}
	if flags&unix.MSG_WAITALL != 0 {
		a |= WaitAll
	}
	return a
}

func (r *refusing) Recv(fd int, p []byte, flags ring.RecvFlags, userData uint64) error {
	if denied, err := r.deny(usedBy(flags), userData); denied {
		return err
	}
	return r.ioRing.Recv(fd, p, flags, userData)
}

func (r *refusing) RecvMsg(fd int, m *ring.Message, flags ring.RecvFlags, userData uint64) error {
	if denied, err := r.deny(usedBy(flags), userData); denied {
		return err
	}
	return r.ioRing.RecvMsg(fd, m, flags, userData)
}

func (r *refusing) Send(fd int, p []byte, flags uint32, userData uint64) error {
	if flags&unix.MSG_WAITALL != 0 {
		if denied, err := r.deny(CancelBytes, userData); denied {
			return err
		}
	}
	return r.ioRing.Send(fd, p, flags, userData)
}

func (r *refusing) ReadFixed(fd int, p []byte, index int, userData uint64) error {
	if denied, err := r.deny(ReadFixed, userData); denied {
		return err
	}
	return r.fixedRing.ReadFixed(fd, p, index, userData)
}

func (r *refusing) ReadvFixed(fd int, m *ring.Message, index int, userData uint64) error {
	if denied, err := r.deny(ReadvFixed, userData); denied {
		return err
	}
	return r.fixedRing.ReadvFixed(fd, m, index, userData)
}

func (r *refusing) Reap(dst []ring.CQE) int {
	n := r.ioRing.Reap(dst)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range dst[:n] {
		if d := &dst[i]; r.instead[d.UserData] {
			delete(r.instead, d.UserData)
			d.Result = -int32(r.errno)
		}
	}
	return n
}

// logged counts what an engine logs of refusals.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(b))
	return len(b), nil
}

func (l *logged) about(what string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, "refused") && strings.Contains(line, what) {
			n++
		}
	}
	return n
}

// Entries that are refused because of an accelerator are made again without, on all
// connections: the reads are right, no connection is lost, and it is counted and
// logged once.
func TestRefusedEntries(t *testing.T) {
	for _, tc := range []struct {
		what  Accelerators
		since string
		o     Options
	}{
		{PollFirst, "5.19", Options{}},
		{WaitAll, "6.0", Options{Plan: PlanExact}},
		{CancelBytes, "6.0", Options{}},
		{ReadFixed, "5.13", Options{Plan: PlanExact, FixedBuffers: true}},
		{ReadvFixed, "6.15", Options{Plan: PlanExact, FixedBuffers: true}},
	} {
		for _, errno := range []unix.Errno{unix.EINVAL, unix.EOPNOTSUPP, unix.EFAULT} {
			if errno == unix.EFAULT && tc.what&(ReadFixed|ReadvFixed) == 0 || errno != unix.EINVAL && raceEnabled {
				continue
			}
			t.Run(fmt.Sprintf("%v %s", tc.what, unix.ErrnoName(errno)), func(t *testing.T) {
				refusedEntries(t, tc.what, tc.since, errno, tc.o)
			})
		}
	}
}

func refusedEntries(t *testing.T, what Accelerators, since string, errno unix.Errno, o Options) {
	var log logged
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	o = o.withDefaults()
	b, err := newBacking(&o)
	if err != nil {
		skip.Forbidden(t, err)
	}
	r := &refusing{ioRing: b.ring, fixedRing: b.fixed, what: what, errno: errno, instead: map[uint64]bool{}}
	b.ring = r
	if b.fixed != nil {
		b.fixed = r
	}
	e := newEngineOn(b, o)
	endWell(t, e)
	there := e.Accelerators()
	if there&what == 0 && b.kind == EnginePoller {
		skip.For(t, skip.Run, "the poller does not go by it")
	} else if there&what == 0 {
		skip.Kernel(t, since, there)
	}
	s := transporttest.Serve(t, serveReads)
	conns := []*Conn{dial(t, e, s, ConnOptions{}), dial(t, e, s, ConnOptions{})}
	readLarge(t, e, conns, 8)
	readLarge(t, e, conns, 1)
	st := e.Stats()
	if r.refused == 0 || r.refused > 4 {
		t.Errorf("%d entries were refused", r.refused)
	}
	if st.Demotions != 1 || e.Accelerators() != (there&^what).standing() || log.about(what.String()) != 1 {
		t.Errorf("%d demotions, logged %d times; left are %v of %v", st.Demotions, log.about(what.String()), e.Accelerators(), there)
	}
	if st.LostConns != 0 {
		t.Errorf("%d connections lost", st.LostConns)
	}
}

// readLarge reads with depth calls at a time, large ones and small, in one piece and
// in several, from each connection into registered memory, and compares.
func readLarge(t *testing.T, e *Engine, conns []*Conn, depth int) {
	t.Helper()
	const large = 400_000
	memory := make([]byte, 2*8*large)
	region, err := e.Register(memory)
	if err != nil {
		t.Fatal(err)
	}
	q := e.NewQueue(2 * depth)
	for round := range 2 {
		for i := range depth * len(conns) {
			n := large
			if i%3 == 2 {
				n = 5000
			}
			p := memory[i*large:][:n]
			off := uint64(i+100*round) << 32
			r := newRead(off, p)
			if i%2 == 1 {
				r = newRead(off, p[:n/3], p[n/3:n/2], p[n/2:])
			}
			if err := q.Add(r.on(conns[i%len(conns)])); err != nil {
				t.Fatal(err)
			}
		}
		within(t, patienceForReads, func() { err = q.Wait(ctx, q.InFlight()) })
		if err != nil {
			t.Fatal(err)
		}
		for c := q.Pop(); c != nil; c = q.Pop() {
			if got := bytes.Join(c.Iovs, nil); c.Err != nil || !bytes.Equal(got, pattern(c.UserData.(uint64), len(got))) {
				t.Fatalf("round %d: a read of %d bytes at %#x: %v, or wrong bytes", round, len(got), c.UserData, c.Err)
			}
		}
		clear(memory)
	}
	if err := region.Close(); err != nil {
		t.Error(err)
	}
}
