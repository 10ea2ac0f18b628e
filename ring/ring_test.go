//go:build linux

package ring

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// need ends the test if it cannot go on: it is skipped if this kernel lacks what
// it is about, or io_uring is forbidden, and failed by any other error.
func need(t testing.TB, err error) {
	t.Helper()
	var forbidden *ForbiddenError
	var lacking *UnsupportedError
	switch {
	case errors.As(err, &forbidden):
		skip.Forbidden(t, err)
	case errors.As(err, &lacking):
		skip.Kernel(t, lacking.Since, err)
	case err != nil:
		t.Fatal(err)
	}
}

// newRing gives a ring for the test, or skips where io_uring is forbidden.
func newRing(t testing.TB, o Options) *Ring {
	t.Helper()
	r, err := New(o)
	need(t, err)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// socketPair gives two connected TCP-like stream sockets.
func socketPair(t testing.TB) (near, far int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return fds[0], fds[1]
}

// collect reaps until n completions are there.
func collect(t testing.TB, r *Ring, n int) map[uint64]CQE {
	t.Helper()
	got := make(map[uint64]CQE)
	buf := make([]CQE, 8)
	for deadline := time.Now().Add(5 * time.Second); len(got) < n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d completions within 5 s", len(got), n)
		}
		if err := r.Enter(1, time.Millisecond); err != nil {
			t.Fatal(err)
		}
		for _, c := range buf[:r.Reap(buf)] {
			if _, twice := got[c.UserData]; twice {
				t.Fatalf("entry %d completed twice", c.UserData)
			}
			got[c.UserData] = c
		}
	}
	return got
}

func TestEveryEntryCompletesOnce(t *testing.T) {
	r := newRing(t, Options{Entries: 8})
	next := uint64(0)
	for round := 0; round < 100; round++ { // wraps both queues many times
		for {
			if err := r.Nop(next); errors.Is(err, ErrFull) {
				break
			}
			next++
		}
		collect(t, r, 8)
	}
	if next != 800 || r.InFlight() != 0 {
		t.Errorf("%d entries queued, %d in flight after all completed", next, r.InFlight())
	}
}

// The completion queue overflows into the kernel, which must give everything
// back through Reap.
func TestCompletionOverflow(t *testing.T) {
	r := newRing(t, Options{Entries: 8, CompletionEntries: 8})
	for i := uint64(0); i < 32; i++ {
		if err := r.Nop(i); err != nil {
			t.Fatal(err)
		}
		if i%8 == 7 {
			if err := r.Enter(0, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := collect(t, r, 32); len(got) != 32 {
		t.Errorf("%d completions", len(got))
	}
}

func TestVectoredReceive(t *testing.T) {
	r := newRing(t, Options{})
	near, far := socketPair(t)
	parts := [][]byte{make([]byte, 3), make([]byte, 1), {}, make([]byte, 60)}
	m := new(Message)
	for _, p := range parts {
		if !m.Append(p) {
			t.Fatal("no room for a segment")
		}
	}
	if m.Len() != 3 || m.Bytes() != 64 {
		t.Errorf("message has %d segments of %d bytes", m.Len(), m.Bytes())
	}
	if err := r.RecvMsg(near, m, unix.MSG_WAITALL, 1); err != nil {
		t.Fatal(err)
	}
	if err := r.Send(far, probePayload, 0, 2); err != nil {
		t.Fatal(err)
	}
	got := collect(t, r, 2)
	if got[1].Result != 64 || got[2].Result != 64 {
		t.Fatalf("received %d, sent %d", got[1].Result, got[2].Result)
	}
	if all := bytes.Join(parts, nil); !bytes.Equal(all, probePayload) {
		t.Errorf("received %q", all)
	}
}

func TestCancel(t *testing.T) {
	r := newRing(t, Options{})
	near, _ := socketPair(t)
	buf := make([]byte, 8)
	if err := errors.Join(r.Recv(near, buf, 0, 1), r.Enter(0, 0), r.Cancel(1, 2), r.Cancel(99, 3)); err != nil {
		t.Fatal(err)
	}
	got := collect(t, r, 3)
	if got[1].Errno() != unix.ECANCELED || got[2].Result != 0 || got[3].Errno() != unix.ENOENT {
		t.Errorf("target %v, cancel %v, cancel of nothing %v", got[1].Errno(), got[2].Result, got[3].Errno())
	}
}

func TestEnterIsBounded(t *testing.T) {
	r := newRing(t, Options{})
	if !r.CanWait() {
		skip.Kernel(t, "5.11", "no bounded wait")
	}
	var longest time.Duration
	for try := 0; try < 20 && longest < time.Millisecond; try++ { // a signal ends a wait
		start := time.Now()
		if err := r.Enter(1, 2*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		longest = max(longest, time.Since(start))
	}
	if longest < time.Millisecond || longest > time.Second {
		t.Errorf("a wait of 2 ms took %v", longest)
	}
}

func TestSingleIssuer(t *testing.T) {
	// The ring is used and closed on this goroutine's thread, as promised.
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		r, err := New(Options{SingleIssuer: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Close()
		for i := range uint64(100) {
			r.Nop(i)
		}
		collect(t, r, 100)
	}()
	<-done
}

func TestParkWakesOnCompletion(t *testing.T) {
	r := newRing(t, Options{})
	near, far := socketPair(t)
	buf := make([]byte, 8)
	woken := make(chan error, 1)
	park := func() { go func() { woken <- r.Park() }() }

	park()
	if err := r.Wake(); err != nil {
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Fatal("after Wake:", err)
	}

	r.SetNotify(true)
	park()
	if err := errors.Join(r.Recv(near, buf, 0, 1), r.Enter(0, 0)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-woken:
		t.Fatal("woken without a completion")
	case <-time.After(10 * time.Millisecond):
	}
	unix.Write(far, []byte("x"))
	select {
	case err := <-woken:
		if err != nil {
			t.Fatal("after a completion:", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("not woken by a completion")
	}
	collect(t, r, 1)
}

func TestCloseWaitsForCompletions(t *testing.T) {
	r, err := New(Options{})
	need(t, err)
	near, far := socketPair(t)
	buf := make([]byte, 8)
	if err := errors.Join(r.Recv(near, buf, 0, 1), r.Enter(0, 0)); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { unix.Write(far, []byte("late")) })
	start := time.Now()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if time.Since(start) < 40*time.Millisecond {
		t.Error("Close did not wait for the receive in flight")
	}
	if string(buf[:4]) != "late" {
		t.Errorf("buffer holds %q", buf)
	}
	if err := r.Close(); err != nil {
		t.Error("second Close:", err)
	}
	if err := r.Park(); !errors.Is(err, os.ErrClosed) {
		t.Error("Park after Close:", err)
	}
}

func TestCloseLeaksRatherThanUnmaps(t *testing.T) {
	r, err := New(Options{})
	need(t, err)
	near, _ := socketPair(t)
	if err := errors.Join(r.Recv(near, make([]byte, 8), 0, 1), r.Enter(0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.Is(err, ErrStillInFlight) {
		t.Fatal("Close with a receive that never ends:", err)
	}
	if r.q.sqes == nil {
		t.Error("queues were unmapped under the kernel")
	}
	// End it for real, so that the test leaks nothing.
	unix.Shutdown(near, unix.SHUT_RDWR)
	r.closed = false
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// What one thread was about to submit, another's Enter may have taken: the wait
// is not cut short by that.
func TestEnterWaitsWhenAnotherSubmitted(t *testing.T) {
	r := newRing(t, Options{})
	if !r.CanWait() {
		skip.Kernel(t, "5.11", "no bounded wait")
	}
	const wait = 5 * time.Millisecond
	var took time.Duration
	for range 100 { // a signal of the runtime's ends a wait early
		began := time.Now()
		if err := r.enter(1, 1, enterGetEvents, wait, true); err != nil {
			t.Fatal(err)
		}
		if took = time.Since(began); took >= wait {
			return
		}
	}
	t.Errorf("came back after %v of %v", took, wait)
}
