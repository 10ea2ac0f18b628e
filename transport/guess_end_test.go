package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

const (
	guessBytes = 100_000 // of each read
	guessGuard = 64      // bytes around each buffer
)

// guessed are reads under plan speculative, all sent. Of the first one's reply a
// part has come; a receive is in flight, aimed at the memory of every one.
type guessed struct {
	e      *Engine
	c      *Conn
	q      *Queue
	memory []byte
	reads  []*testRead
	goOn   func()                 // the server sends the rest, in the order of the calls
	peer   *transporttest.Peer    // to be closed early
	ended  map[*testRead]struct{} // reported
}

// startGuessed has count reads in that state. whole is how many replies have come
// in full, part how many bytes of the one after them. The deadlines of some are far
// away: see expire.
func startGuessed(t *testing.T, count, whole, part int, mortal ...int) *guessed {
	goOn := make(chan bool)
	peers := make(chan *transporttest.Peer, 1)
	g := &guessed{goOn: sync.OnceFunc(func() { close(goOn) }), ended: map[*testRead]struct{}{}}
	g.e, g.c = start(t, Options{Plan: PlanSpeculative}, func(p *transporttest.Peer) {
		peers <- p
		warm, err := p.Call()
		if err != nil {
			return
		}
		p.Write(readReply(warm.XID, 0, 1))
		var out []byte
		for _, c := range p.Calls(count) {
			off, n := parseReadArgs(c.Args)
			out = append(out, readReply(c.XID, off, n)...)
		}
		sent := min(whole*len(out)/count+part, len(out))
		p.Write(out[:sent])
		<-goOn
		p.Write(out[sent:])
		serveReads(p)
	})
	t.Cleanup(g.goOn) // before the server's own, which waits for the script
	g.q = g.e.NewQueue(count)
	// Guesses go by the heads seen so far.
	if err := g.q.Do(ctx, newRead(0, make([]byte, 1)).on(g.c)); err != nil {
		t.Fatal(err)
	}
	g.peer = <-peers
	g.memory = bytes.Repeat([]byte{canary}, count*(guessBytes+guessGuard)+guessGuard)
	for i := range count {
		at := guessGuard + i*(guessBytes+guessGuard)
		p := g.memory[at : at+guessBytes : at+guessBytes]
		r := newRead(uint64(i)*guessBytes, p[:guessBytes/3:guessBytes/3], p[guessBytes/3:])
		if slices.Contains(mortal, i) {
			r.Deadline = time.Now().Add(time.Hour)
		}
		if err := g.q.Add(r.on(g.c)); err != nil {
			t.Fatal(err)
		}
		g.reads = append(g.reads, r)
	}
	g.q.Flush()
	eventually(t, g.e, "all guessed at, with a part of the replies there", func() bool {
		for i, r := range g.reads {
			if i < whole && r.state != stateDone || i >= whole && !r.aimed {
				return false
			}
			if i == whole && (r.state != stateReceiving || part > guessBytes/2 && r.cursor.index == 0) {
				return false
			}
			if i > whole && r.state != stateSent {
				return false
			}
		}
		return g.c.receiving
	})
	return g
}

// expire has the deadlines come.
func (g *guessed) expire() {
	g.e.mu.Lock()
	defer g.e.mu.Unlock()
	g.e.expireAt(time.Now().Add(2 * time.Hour))
}

// end waits for count reports, each with the error wanted of its read (nil: the
// right bytes), and takes the memory back by overwriting it.
func (g *guessed) end(t *testing.T, count int, want func(i int) error) {
	t.Helper()
	within(t, 5*time.Second, func() { g.q.Wait(ctx, count) })
	for range count {
		call := g.q.Pop()
		i := slices.IndexFunc(g.reads, func(r *testRead) bool { return &r.Call == call })
		if i < 0 {
			t.Fatal("a call was not reported")
		}
		r := g.reads[i]
		if err := want(i); !errors.Is(r.Err, err) {
			t.Errorf("read %d: %v, want %v", i, r.Err, err)
		} else if err == nil && !bytes.Equal(bytes.Join(r.Iovs, nil), pattern(uint64(i)*guessBytes, guessBytes)) {
			t.Errorf("read %d: wrong bytes", i)
		}
		for _, p := range r.Iovs {
			mark(p)
		}
		g.ended[r] = struct{}{}
	}
}

// untouched fails if a byte has changed that is not lent.
func (g *guessed) untouched(t *testing.T) {
	t.Helper()
	for i, r := range g.reads {
		if _, ok := g.ended[r]; ok && !marked(bytes.Join(r.Iovs, nil)) {
			t.Errorf("read %d: a byte landed after the report", i)
		}
	}
	for at := 0; at < len(g.memory); at += guessGuard + guessBytes {
		if len(bytes.Trim(g.memory[at:at+guessGuard], string([]byte{canary}))) > 0 {
			t.Errorf("a byte between the buffers was written, at %d", at)
		}
	}
}

// Calls end whose memory the receive in flight only hopes to fill, one or several
// at a time, before and while earlier replies are coming: not before the kernel
// has let go of it. Their late replies are dropped and the other calls get their
// own bytes.
func TestEndWhileGuessed(t *testing.T) {
	const count = 6
	for _, victims := range [][]int{{2}, {5}, {2, 3, 5}, {1, 2, 3, 4, 5}} {
		for _, at := range []struct{ whole, part int }{{0, 40}, {0, guessBytes * 2 / 3}, {1, guessBytes * 2 / 3}} {
			for _, how := range []string{"cancel", "deadline"} {
				t.Run(fmt.Sprintf("%s/%v/%d+%d", how, victims, at.whole, at.part), func(t *testing.T) {
					endWhileGuessed(t, count, victims, at.whole, at.part, how == "deadline")
				})
			}
		}
	}
}

func endWhileGuessed(t *testing.T, count int, victims []int, whole, part int, deadline bool) {
	if victims[0] <= whole {
		victims = slices.Clone(victims[whole:]) // that one is being received
	}
	var mortal []int
	want := context.Canceled
	if deadline {
		mortal, want = victims, os.ErrDeadlineExceeded
	}
	g := startGuessed(t, count, whole, part, mortal...)
	g.end(t, whole, func(int) error { return nil })
	if deadline {
		g.expire()
	} else {
		for _, i := range victims {
			g.q.Cancel(&g.reads[i].Call, nil)
		}
	}
	g.end(t, len(victims), func(int) error { return want })
	g.goOn()
	g.end(t, count-whole-len(victims), func(i int) error {
		if slices.Contains(victims, i) {
			t.Errorf("read %d was reported twice", i)
		}
		return nil
	})
	// Only when a later read is done have all late replies come.
	again := newRead(1, make([]byte, guessBytes))
	if err := g.q.Do(ctx, again.on(g.c)); err != nil || !bytes.Equal(again.Iovs[0], pattern(1, guessBytes)) {
		t.Errorf("a read behind the late replies: %v, or wrong bytes", err)
	}
	g.untouched(t)
	if s := g.e.Stats(); s.LateReplies != uint64(len(victims)) || s.UnknownReplies != 0 || s.LostConns != 0 {
		t.Errorf("%+v", s)
	}
	g.e.mu.Lock()
	defer g.e.mu.Unlock()
	if g.c.slots.dead != 0 {
		t.Errorf("%d slots are still dead", g.c.slots.dead)
	}
}

// The connection ends for another reason: no guessed call is reported before the
// receive has completed.
func TestConnectionEndsWhileGuessed(t *testing.T) {
	g := startGuessed(t, 6, 0, guessBytes*2/3)
	g.e.mu.Lock()
	g.c.abort(unix.EPIPE)
	// The lock is held: whatever the kernel completes is not seen yet.
	for i, r := range g.reads {
		if r.state == stateDone || !g.e.lent.overlaps(r.Iovs[0]) {
			t.Errorf("read %d is in state %d with the receive in flight, lent: %v", i, r.state, g.e.lent.overlaps(r.Iovs[0]))
		}
	}
	g.e.mu.Unlock()
	g.end(t, 6, func(int) error { return unix.EPIPE })
	g.goOn()
	time.Sleep(5 * time.Millisecond)
	g.untouched(t)
}

// The server goes away, or the engine is closed: every guessed call is reported,
// once, and its memory left alone from then on.
func TestGuessedCallsAreReported(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(*testing.T, *guessed)
		want error
	}{
		{"end of stream", func(_ *testing.T, g *guessed) { g.peer.Close() }, io.ErrUnexpectedEOF},
		{"reset", func(_ *testing.T, g *guessed) {
			g.peer.Conn.(*net.TCPConn).SetLinger(0)
			g.peer.Close()
		}, unix.ECONNRESET},
		{"close", func(t *testing.T, g *guessed) {
			if err := g.e.Close(); err != nil {
				t.Error(err)
			}
		}, net.ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := startGuessed(t, 6, 1, guessBytes*2/3)
			g.end(t, 1, func(int) error { return nil })
			tc.end(t, g)
			g.end(t, 5, func(int) error { return tc.want })
			g.goOn()
			time.Sleep(5 * time.Millisecond)
			g.untouched(t)
			if g.q.Pop() != nil || g.q.InFlight() != 0 {
				t.Error("a call was reported twice")
			}
		})
	}
}
