package poll_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/ring/poll"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entries are what both kinds of ring offer.
type entries interface {
	Nop(userData uint64) error
	Recv(fd int, p []byte, flags ring.RecvFlags, userData uint64) error
	RecvMsg(fd int, m *ring.Message, flags ring.RecvFlags, userData uint64) error
	Send(fd int, p []byte, flags uint32, userData uint64) error
	Cancel(target, userData uint64) error
	Withdraw()
	Queued() int
	Free() int
	Enter(min uint32, wait time.Duration) error
	EnterAway(min uint32, wait time.Duration) error
	Ready() bool
	Reap([]ring.CQE) int
	SetNotify(on bool)
	Park() error
	Wake() error
	InFlight() int
	Close() error
}

// rig is a ring and a way to connected sockets that it takes.
type rig struct {
	testing.TB
	entries
	attach func(fd int) error
	detach func(fd int) error
	// losesBytes is why a cancelled receive does not tell what it took, or nil.
	losesBytes error
	// noWait is why Enter cannot wait with a bound, or nil.
	noWait error
}

// conforms runs the test on a ring of each kind, with room for 8 entries.
func conforms(t *testing.T, test func(rig)) {
	t.Run("poll", func(t *testing.T) {
		r := poll.New(poll.Options{Entries: 8})
		b := rig{t, r, r.Attach, r.Detach, nil, nil}
		t.Cleanup(b.close)
		test(b)
	})
	t.Run("io_uring", func(t *testing.T) { onURing(t, test) })
}

func (b rig) close() {
	if err := b.Close(); err != nil {
		b.Error(err)
	}
}

// pair gives a socket that the ring has, and the far end of its connection.
func (b rig) pair() (near, far int) {
	b.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		b.Fatal(err)
	}
	if err := b.attach(fds[0]); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(fds[1]) })
	return fds[0], fds[1]
}

// must fails the test if one of the steps did.
func (b rig) must(errs ...error) {
	b.Helper()
	if err := errors.Join(errs...); err != nil {
		b.Fatal(err)
	}
}

func (b rig) write(fd int, s string) {
	b.Helper()
	if n, err := unix.Write(fd, []byte(s)); n != len(s) {
		b.Fatalf("wrote %d of %d bytes: %v", n, len(s), err)
	}
}

// collect reaps until n completions are there.
func (b rig) collect(n int) map[uint64]ring.CQE {
	b.Helper()
	got := make(map[uint64]ring.CQE)
	buf := make([]ring.CQE, 8)
	for end := time.Now().Add(5 * time.Second); len(got) < n; {
		if time.Now().After(end) {
			b.Fatalf("%d of %d completions within 5 s", len(got), n)
		}
		b.must(b.Enter(1, time.Millisecond))
		for _, c := range buf[:b.Reap(buf)] {
			if _, twice := got[c.UserData]; twice {
				b.Fatalf("entry %d completed twice", c.UserData)
			}
			got[c.UserData] = c
		}
	}
	return got
}

// stays fails the test if anything completes within a moment.
func (b rig) stays() {
	b.Helper()
	b.must(b.Enter(1, 5*time.Millisecond))
	if b.Ready() {
		b.Fatal("completed too early")
	}
}

func TestEveryEntryCompletesOnce(t *testing.T) {
	conforms(t, func(b rig) {
		next := uint64(0)
		for range 100 {
			for b.Free() > 0 {
				b.must(b.Nop(next))
				next++
			}
			if err := b.Nop(next); !errors.Is(err, ring.ErrFull) {
				b.Fatal("a full queue takes an entry:", err)
			}
			if b.Queued() != 8 || b.InFlight() != 8 {
				b.Fatalf("%d queued, %d in flight of 8", b.Queued(), b.InFlight())
			}
			b.collect(8)
		}
		if next != 800 || b.InFlight() != 0 || b.Queued() != 0 {
			b.Errorf("%d entries, in the end %d in flight, %d queued", next, b.InFlight(), b.Queued())
		}
	})
}

// What is taken back completes once, with nothing done; what was taken up before
// goes on, and so does the ring.
func TestWithdraw(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		p := make([]byte, 8)
		b.must(b.Recv(near, p, 0, 1))
		b.stays()
		for round := range uint64(5) {
			b.must(b.Nop(2), b.Enter(0, 0), b.Send(near, []byte("x"), noSignal, 3), b.Nop(4), b.Cancel(1, 5))
			b.Withdraw()
			if b.Queued() != 0 || b.Free() != 8 || !b.Ready() {
				b.Fatalf("round %d: %d queued, %d free, ready %v", round, b.Queued(), b.Free(), b.Ready())
			}
			got := b.collect(4)
			if got[2].Result != 0 || got[3].Errno() != unix.ECANCELED || got[4].Errno() != unix.ECANCELED || got[5].Errno() != unix.ECANCELED {
				b.Fatalf("round %d: %v", round, got)
			}
			if b.InFlight() != 1 {
				b.Fatalf("round %d: %d in flight", round, b.InFlight())
			}
		}
		b.write(far, "there")
		if got := b.collect(1); got[1].Result != 5 || string(p[:5]) != "there" {
			b.Errorf("received %d: %q", got[1].Result, p)
		}
		if n, _, _ := unix.Recvfrom(far, p, unix.MSG_DONTWAIT); n > 0 {
			b.Errorf("%d bytes were sent", n)
		}
	})
}

func TestReceiveWhatIsThere(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		b.write(far, "there")
		p := []byte("........")
		b.must(b.Recv(near, p, 0, 1))
		if got := b.collect(1); got[1].Result != 5 || string(p) != "there..." {
			b.Errorf("received %d: %q", got[1].Result, p)
		}
	})
}

func TestReceiveWaits(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		p := []byte("........")
		for i := range uint64(3) {
			b.must(b.Recv(near, p, 0, i))
			b.stays()
			b.write(far, "later")
			if got := b.collect(1); got[i].Result != 5 || string(p) != "later..." {
				b.Errorf("received %d: %q", got[i].Result, p)
			}
		}
	})
}

func TestWaitAll(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		a, z := make([]byte, 3), make([]byte, 5)
		m := new(ring.Message)
		m.Append(a)
		m.Append(z)
		b.must(b.RecvMsg(near, m, unix.MSG_WAITALL, 1))
		for _, s := range []string{"a", "bcd", "ef"} { // in a segment, over its end
			b.stays()
			b.write(far, s)
		}
		b.stays()
		b.write(far, "ghi")
		if got := b.collect(1); got[1].Result != 8 || string(a)+string(z) != "abcdefgh" {
			b.Errorf("received %d: %q %q", got[1].Result, a, z)
		}
		b.must(b.Recv(near, a, 0, 2))
		if got := b.collect(1); got[2].Result != 1 || a[0] != 'i' {
			b.Errorf("then %d: %q", got[2].Result, a)
		}
	})
}

func TestEndOfStream(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		p := make([]byte, 8)
		b.must(b.Recv(near, p, unix.MSG_WAITALL, 1))
		b.stays()
		b.write(far, "last")
		b.stays()
		unix.Shutdown(far, unix.SHUT_WR)
		if got := b.collect(1); got[1].Result != 4 || string(p[:4]) != "last" {
			b.Errorf("received %d: %q", got[1].Result, p)
		}
		b.must(b.Recv(near, p, unix.MSG_WAITALL, 2))
		if got := b.collect(1); got[2].Result != 0 {
			b.Errorf("after the end: %d", got[2].Result)
		}
	})
}

// shutdown(2) ends a receive that waits.
func TestShutdown(t *testing.T) {
	conforms(t, func(b rig) {
		near, _ := b.pair()
		b.must(b.Recv(near, make([]byte, 8), 0, 1))
		b.stays()
		unix.Shutdown(near, unix.SHUT_RDWR)
		if got := b.collect(1); got[1].Result != 0 {
			b.Errorf("received %d", got[1].Result)
		}
	})
}

func TestErrors(t *testing.T) {
	conforms(t, func(b rig) {
		near, _ := b.pair()
		unix.Shutdown(near, unix.SHUT_WR)
		b.must(b.Send(near, []byte("x"), noSignal, 1), b.Recv(-1, make([]byte, 1), 0, 2))
		if got := b.collect(2); got[1].Errno() != unix.EPIPE || got[2].Errno() != unix.EBADF {
			b.Errorf("%v, %v", got[1].Errno(), got[2].Errno())
		}
	})
}

func TestCancel(t *testing.T) {
	conforms(t, func(b rig) {
		near, _ := b.pair()
		p := make([]byte, 8)
		b.must(b.Recv(near, p, 0, 1), b.Cancel(1, 2), b.Cancel(99, 3))
		got := b.collect(3)
		if got[1].Errno() != unix.ECANCELED || got[2].Result != 0 || got[3].Errno() != unix.ENOENT {
			b.Errorf("target %v, cancel %v, cancel of nothing %v", got[1].Errno(), got[2].Result, got[3].Errno())
		}
	})
}

// A cancelled receive completes once, with the bytes that it has, and the stream
// goes on where it stopped.
func TestCancelKeepsBytes(t *testing.T) {
	conforms(t, func(b rig) {
		if b.losesBytes != nil {
			skip.Kernel(b, "6.0", b.losesBytes)
		}
		near, far := b.pair()
		p := make([]byte, 8)
		b.must(b.Recv(near, p, unix.MSG_WAITALL, 4))
		b.stays()
		b.write(far, "abc")
		b.stays()
		b.must(b.Cancel(4, 5))
		if got := b.collect(2); got[4].Result != 3 || string(p[:3]) != "abc" {
			b.Errorf("cancelled with %d bytes: %q", got[4].Result, p)
		}
		b.must(b.Recv(near, p, unix.MSG_WAITALL, 6))
		b.stays()
		b.write(far, "defghijk")
		if got := b.collect(1); got[6].Result != 8 || string(p) != "defghijk" {
			b.Errorf("then %d: %q", got[6].Result, p)
		}
	})
}

// Bytes that come while receives are cancelled are in a completion, each once.
func TestCancelRace(t *testing.T) {
	conforms(t, func(b rig) {
		flags := ring.RecvFlags(unix.MSG_WAITALL)
		if b.losesBytes != nil {
			flags = 0
		}
		near, far := b.pair()
		const total = 4096
		want := bytes.Repeat([]byte("0123456789abcdef"), total/16)
		done := make(chan error, 1)
		go func() {
			for i := 0; i < total; i += 16 {
				if _, err := unix.Write(far, want[i:i+16]); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		var got []byte
		for i := uint64(0); len(got) < total; i += 2 {
			p := make([]byte, 64)
			b.must(b.Recv(near, p, flags, i), b.Enter(0, 0), b.Cancel(i, i+1))
			c := b.collect(2)
			n := c[i].Result
			if n < 0 && c[i].Errno() != unix.ECANCELED {
				b.Fatal(c[i].Errno())
			}
			got = append(got, p[:max(n, 0)]...)
			if !bytes.Equal(p[max(n, 0):], make([]byte, 64-max(n, 0))) {
				b.Fatal("bytes that were not reported")
			}
		}
		b.must(<-done)
		if !bytes.Equal(got, want) {
			b.Error("bytes lost, or received twice")
		}
	})
}

// A send that the socket has no room for waits for it, and all of it goes.
func TestLongSend(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		want := bytes.Repeat([]byte("ringreadv"), 1<<18)
		b.must(b.Send(near, want, unix.MSG_WAITALL|noSignal, 1))
		b.stays()
		received := make(chan []byte, 1)
		go func() {
			var all []byte
			for p := make([]byte, 1<<16); len(all) < len(want); {
				n, err := unix.Read(far, p)
				if err != nil || n == 0 {
					break
				}
				all = append(all, p[:n]...)
			}
			received <- all
		}()
		if got := b.collect(1); int(got[1].Result) != len(want) {
			b.Errorf("sent %d of %d", got[1].Result, len(want))
		}
		if !bytes.Equal(<-received, want) {
			b.Error("other bytes came")
		}
	})
}

// A receive and a send of one socket wait at the same time.
func TestBothWays(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		p, long := make([]byte, 8), make([]byte, 2<<20)
		b.must(b.Recv(near, p, 0, 1), b.Send(near, long, unix.MSG_WAITALL|noSignal, 2))
		b.stays()
		b.write(far, "x")
		if got := b.collect(1); got[1].Result != 1 {
			b.Fatalf("received %d", got[1].Result)
		}
		unix.Shutdown(near, unix.SHUT_RDWR)
		got := b.collect(1)
		if n := got[2].Result; n <= 0 || int(n) >= len(long) {
			b.Errorf("sent %d of %d", n, len(long))
		}
	})
}

func TestEnterIsBounded(t *testing.T) {
	conforms(t, func(b rig) {
		if b.noWait != nil {
			skip.Kernel(b, "5.11", b.noWait)
		}
		var longest time.Duration
		for try := 0; try < 20 && longest < time.Millisecond; try++ { // a signal ends a wait
			start := time.Now()
			b.must(b.EnterAway(1, 2*time.Millisecond))
			longest = max(longest, time.Since(start))
		}
		if longest < time.Millisecond || longest > time.Second {
			b.Errorf("a wait of 2 ms took %v", longest)
		}
	})
}

// Enter does not wait for what is there already, and waits for as many as asked,
// and no longer than until they are there. With io_uring a signal ends a wait.
func TestEnterCounts(t *testing.T) {
	conforms(t, func(b rig) {
		if b.noWait != nil {
			skip.Kernel(b, "5.11", b.noWait)
		}
		const wait, long = 10 * time.Millisecond, 20 * time.Second
		near, far := b.pair()
		start := time.Now()
		b.must(b.Nop(1), b.Enter(0, 0), b.Enter(1, long), b.Nop(2), b.Enter(2, long))
		if time.Since(start) > long/2 {
			b.Error("waited for completions that were there")
		}
		var longest time.Duration
		for try := 0; try < 20 && longest < wait; try++ {
			start := time.Now()
			b.must(b.Enter(3, wait))
			longest = max(longest, time.Since(start))
		}
		if longest < wait {
			b.Errorf("waited %v of %v for the third", longest, wait)
		}
		b.collect(2)
		b.must(b.Recv(near, make([]byte, 1), 0, 3))
		start = time.Now()
		time.AfterFunc(wait, func() { unix.Write(far, []byte("x")) })
		for !b.Ready() && time.Since(start) < long {
			b.must(b.Enter(1, long))
		}
		if time.Since(start) > long/2 {
			b.Error("not woken by the completion waited for")
		}
	})
}

func TestPark(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		woken := make(chan error, 1)
		park := func() { go func() { woken <- b.Park() }() }
		isWoken := func(why string) {
			b.Helper()
			select {
			case err := <-woken:
				b.must(err)
			case <-time.After(5 * time.Second):
				b.Fatal("not woken by", why)
			}
		}
		b.must(b.Wake())
		park()
		isWoken("an earlier Wake")
		b.must(b.Nop(1), b.Enter(0, 0))
		park()
		select {
		case <-woken:
			b.Fatal("woken without SetNotify")
		case <-time.After(10 * time.Millisecond):
		}
		b.collect(1)
		b.SetNotify(true)
		b.must(b.Recv(near, make([]byte, 8), 0, 2), b.Enter(0, 0))
		b.write(far, "x")
		isWoken("a completion")
		b.collect(1)
		b.SetNotify(false)
		b.must(b.Nop(3), b.Enter(0, 0))
		park()
		select {
		case <-woken:
			b.Fatal("woken after SetNotify(false)")
		case <-time.After(10 * time.Millisecond):
		}
		b.must(b.Wake())
		isWoken("Wake")
		b.collect(1)
	})
}

func TestCloseWaits(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		p := make([]byte, 8)
		b.must(b.Recv(near, p, 0, 1), b.Enter(0, 0))
		time.AfterFunc(50*time.Millisecond, func() { unix.Write(far, []byte("late")) })
		start := time.Now()
		b.must(b.Close())
		if time.Since(start) < 40*time.Millisecond {
			b.Error("Close did not wait for the receive in flight")
		}
		if string(p[:4]) != "late" {
			b.Errorf("memory holds %q", p)
		}
		b.must(b.Close())
		if err := b.Park(); !errors.Is(err, os.ErrClosed) {
			b.Error("Park after Close:", err)
		}
		if err := b.Wake(); !errors.Is(err, os.ErrClosed) {
			b.Error("Wake after Close:", err)
		}
	})
}

// What one goroutine reaps does not keep another, which waits for it, waiting.
func TestReapedFromUnderAWaiter(t *testing.T) {
	conforms(t, func(b rig) {
		near, far := b.pair()
		b.must(b.Recv(near, make([]byte, 8), 0, 1))
		woken := make(chan error, 1)
		go func() {
			var err error
			for end := time.Now().Add(5 * time.Second); err == nil && b.InFlight() > 0 && time.Now().Before(end); {
				err = b.Enter(1, 10*time.Millisecond)
			}
			woken <- err
		}()
		b.write(far, "x")
		buf := make([]ring.CQE, 8)
		for b.Reap(buf) == 0 {
			time.Sleep(100 * time.Microsecond)
		}
		start := time.Now()
		b.must(<-woken)
		if time.Since(start) > 2*time.Second {
			b.Error("slept on")
		}
	})
}
