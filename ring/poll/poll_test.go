package poll_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/ring/poll"
	"golang.org/x/sys/unix"
)

func newRig(t *testing.T) (rig, *poll.Ring) {
	r := poll.New(poll.Options{})
	b := rig{t, r, r.Attach, r.Detach, nil, nil}
	t.Cleanup(b.close)
	return b, r
}

// Detach ends what waits, and closes the socket.
func TestDetach(t *testing.T) {
	b, r := newRig(t)
	near, far := b.pair()
	b.must(b.Recv(near, make([]byte, 8), 0, 1))
	b.stays()
	b.must(r.Detach(near))
	if got := b.collect(1); got[1].Errno() != unix.ECANCELED {
		t.Errorf("the receive: %v", got[1].Errno())
	}
	if n, err := unix.Read(far, make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("the far end reads %d, %v instead of the end", n, err)
	}
	if err := r.Detach(near); !errors.Is(err, unix.EBADF) {
		t.Error("a second Detach:", err)
	}
}

// A socket has one receive in flight: a second does not disturb it.
func TestSecondReceive(t *testing.T) {
	b, _ := newRig(t)
	near, far := b.pair()
	p := make([]byte, 8)
	b.must(b.Recv(near, p, 0, 1), b.Recv(near, make([]byte, 8), 0, 2))
	if got := b.collect(1); got[2].Errno() != unix.EBUSY {
		t.Errorf("the second: %v", got)
	}
	b.write(far, "one")
	if got := b.collect(1); got[1].Result != 3 || string(p[:3]) != "one" {
		t.Errorf("the first: %d, %q", got[1].Result, p)
	}
}

// Close ends what would wait for ever, and no goroutine is left (see TestMain).
func TestCloseEndsEverything(t *testing.T) {
	r := poll.New(poll.Options{})
	b := rig{t, r, r.Attach, r.Detach, nil, nil}
	near, far := b.pair()
	p := make([]byte, 8)
	b.must(b.Recv(near, p, 0, 1), b.Enter(0, 0), b.Close())
	if n, err := unix.Read(far, p); n != 0 || err != nil {
		t.Errorf("the far end reads %d, %v instead of the end", n, err)
	}
	if r.Ready() != true || r.InFlight() != 1 {
		t.Error("the receive has not completed")
	}
}

// What the poller does not take is refused.
func TestAttachFile(t *testing.T) {
	b, r := newRig(t)
	f, err := os.CreateTemp(t.TempDir(), "")
	b.must(err)
	defer f.Close()
	fd, err := unix.Dup(int(f.Fd()))
	b.must(err)
	if err := r.Attach(fd); !errors.Is(err, os.ErrNoDeadline) {
		t.Error("a file:", err)
	}
	if err := r.Attach(-1); !errors.Is(err, unix.EBADF) {
		t.Error("nothing:", err)
	}
}

// An entry allocates nothing, whether it waits or not.
func TestAllocations(t *testing.T) {
	b, _ := newRig(t)
	near, far := b.pair()
	p, out, buf := make([]byte, 16), []byte("0123456789abcdef"), make([]ring.CQE, 8)
	m := new(ring.Message)
	for i := range p {
		m.Append(p[i : i+1])
	}
	reap := func() {
		for b.Reap(buf) == 0 {
			b.Enter(1, time.Millisecond)
		}
	}
	if raceEnabled {
		skip.For(t, skip.Build, "the race detector has lists of segments allocated")
	}
	n := testing.AllocsPerRun(200, func() {
		b.RecvMsg(near, m, unix.MSG_WAITALL, 1)
		b.Enter(1, 50*time.Microsecond) // waits
		unix.Write(far, out)
		reap()
		b.Send(near, out, unix.MSG_WAITALL, 2)
		reap()
		io.ReadFull(reader(far), p)
	})
	if string(p) != string(out) {
		t.Errorf("received %q", p)
	}
	if n > 0.1 {
		t.Errorf("%v allocations in a round of three entries", n)
	}
}

type reader int

func (r reader) Read(p []byte) (int, error) { return unix.Read(int(r), p) }
