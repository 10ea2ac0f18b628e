package transport

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// whimsical is the fake among the rings: it does what a kernel may do and hardly ever
// does. Transfers are cut short, or end with nothing done; completions come late and
// in any order; the kernel takes no entries just now.
type whimsical struct {
	ioRing
	fixedRing
	mu      sync.Mutex
	rnd     *rand.Rand
	instead map[uint64]unix.Errno // of entries that end with nothing done, by user data
	held    []ring.CQE            // reaped inside, and not yet outside
	whims   int
}

// withWhims puts one between an engine and its ring.
func withWhims(seed uint64) func(backing) backing {
	return func(b backing) backing {
		w := &whimsical{ioRing: b.ring, fixedRing: b.fixed, rnd: rand.New(rand.NewPCG(seed, 1)), instead: map[uint64]unix.Errno{}}
		b.ring = w
		if b.fixed != nil {
			b.fixed = w
		}
		return b
	}
}

// one says yes once in n times. The lock is held.
func (w *whimsical) one(n int) bool {
	yes := w.rnd.IntN(n) == 0
	if yes {
		w.whims++
	}
	return yes
}

// nothing ends an entry without doing anything.
func (w *whimsical) nothing(userData uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.one(16) || w.ioRing.Nop(userData) != nil {
		return false
	}
	w.instead[userData] = []unix.Errno{unix.EINTR, unix.EAGAIN, unix.ECANCELED}[w.rnd.IntN(3)]
	return true
}

// short is the first bytes of p.
func (w *whimsical) short(p []byte) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(p) > 1 && w.one(4) {
		return p[:1+w.rnd.IntN(len(p)-1)]
	}
	return p
}

func (w *whimsical) Recv(fd int, p []byte, flags ring.RecvFlags, userData uint64) error {
	if w.nothing(userData) {
		return nil
	}
	return w.ioRing.Recv(fd, w.short(p), flags, userData)
}

func (w *whimsical) RecvMsg(fd int, m *ring.Message, flags ring.RecvFlags, userData uint64) error {
	if w.nothing(userData) {
		return nil
	}
	w.mu.Lock()
	first := w.one(4)
	w.mu.Unlock()
	if first {
		return w.ioRing.Recv(fd, w.short(m.AppendSegments(nil)[0]), flags, userData)
	}
	return w.ioRing.RecvMsg(fd, m, flags, userData)
}

func (w *whimsical) ReadFixed(fd int, p []byte, index int, userData uint64) error {
	if w.nothing(userData) {
		return nil
	}
	return w.fixedRing.ReadFixed(fd, w.short(p), index, userData)
}

func (w *whimsical) Send(fd int, p []byte, flags uint32, userData uint64) error {
	if w.nothing(userData) {
		return nil
	}
	return w.ioRing.Send(fd, w.short(p), flags, userData)
}

func (w *whimsical) Enter(min uint32, wait time.Duration) error {
	w.mu.Lock()
	busy := w.one(32)
	w.mu.Unlock()
	if busy {
		return unix.EAGAIN
	}
	return w.ioRing.Enter(min, wait)
}

func (w *whimsical) EnterAway(min uint32, wait time.Duration) error { return w.Enter(min, wait) }

func (w *whimsical) Ready() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.held) > 0 || w.ioRing.Ready()
}

func (w *whimsical) Reap(dst []ring.CQE) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.ioRing.Reap(dst)
	for _, c := range dst[:n] {
		if errno := w.instead[c.UserData]; errno != 0 {
			delete(w.instead, c.UserData)
			c.Result = -int32(errno)
		}
		w.held = append(w.held, c)
	}
	w.rnd.Shuffle(len(w.held), func(i, j int) { w.held[i], w.held[j] = w.held[j], w.held[i] })
	n = min(len(w.held), len(dst))
	if n > 0 && w.one(4) {
		n = w.rnd.IntN(n)
	}
	copy(dst, w.held[:n])
	w.held = append(w.held[:0], w.held[n:]...)
	return n
}
