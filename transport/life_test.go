package transport

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// A thread exits in the middle of a send of its own that fills the socket's
// buffers: what the kernel took of it counts, the rest follows.
func TestThreadExitsWhileSending(t *testing.T) {
	e, c := start(t, Options{}, func(p *transporttest.Peer) {
		time.Sleep(20 * time.Millisecond)
		for {
			c, err := p.Call()
			if err != nil {
				return
			}
			sum := sha256.Sum256(c.Args)
			p.Write(transporttest.Accepted(c.XID, sum[:]))
		}
	})
	args := pattern(0, 20<<20)
	q := e.NewQueue(1)
	call := &Call{Conn: c, Procedure: procEcho, Cred: xdrwire.AuthNone(), Args: args}
	added := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := q.Add(call)
		q.Flush()
		added <- err
	}()
	if err := <-added; err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, func() { q.Wait(ctx, 1) })
	if sum := sha256.Sum256(args); q.Pop() == nil || call.Err != nil || !bytes.Equal(call.Body, sum[:]) {
		t.Errorf("%v, or other arguments than were sent", call.Err)
	}
	if s := e.Stats(); s.Sends < 2 {
		t.Logf("the send was not interrupted: %+v", s)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		skip.For(t, skip.Machine, err)
	}
	return len(names)
}

// Engines are closed at random moments under load. Every call is reported, every
// goroutine comes back, no file stays open.
func TestCloseAnyTime(t *testing.T) { closeAnyTime(t, 25) }

func closeAnyTime(t *testing.T, rounds int) {
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		rnd := rand.New(rand.NewPCG(1, 1))
		for c := range p.Stream() {
			off, n := parseReadArgs(c.Args)
			if rnd.IntN(40) == 0 {
				continue // no answer
			}
			if _, err := p.Write(readReply(c.XID, off, n)); err != nil {
				return
			}
		}
	})
	before := openFiles(t)
	for round := range rounds {
		e := newEngine(t, Options{CloseTimeout: time.Duration(round%3) * 5 * time.Millisecond})
		conns := []*Conn{dial(t, e, s, ConnOptions{}), dial(t, e, s, ConnOptions{Depth: 3})}
		var workers sync.WaitGroup
		for w := range 6 {
			c := conns[w%2]
			workers.Go(func() {
				q := e.NewQueue(8)
				for {
					for range 1 + w {
						err := q.Add(newRead(rand.Uint64(), make([]byte, 20_000)).on(c))
						if err != nil {
							if !errors.Is(err, net.ErrClosed) {
								t.Error(err)
							}
							q.Wait(ctx, 8)
							for q.Pop() != nil {
							}
							return
						}
					}
					if err := q.Wait(ctx, 1+w); err != nil {
						t.Error(err)
					}
					for c := q.Pop(); c != nil; c = q.Pop() {
						if c.Err == nil && !bytes.Equal(c.Iovs[0], pattern(c.UserData.(uint64), 20_000)) {
							t.Error("wrong bytes")
						}
						if c.Err != nil && !errors.Is(c.Err, net.ErrClosed) {
							t.Error(c.Err)
						}
					}
				}
			})
		}
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		within(t, 10*time.Second, func() {
			if round%2 == 0 {
				conns[0].Close()
			}
			var closers sync.WaitGroup
			for range 2 {
				closers.Go(func() {
					if err := e.Close(); err != nil {
						t.Error(err)
					}
					if e.ring.InFlight() > 0 {
						t.Error("Close returned with entries in flight")
					}
				})
			}
			closers.Wait()
			workers.Wait()
		})
		if s := e.Stats(); s.Accepted != s.Reported || s.Connections != 0 {
			t.Errorf("round %d: %+v", round, s)
		}
	}
	for end := time.Now().Add(2 * time.Second); openFiles(t) > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d files open before, %d after", before, openFiles(t))
		}
	}
}

// A second Close returns when the first one does, and with its error.
func TestCloseTwice(t *testing.T) {
	e := newEngine(t, Options{})
	e.mu.Lock()
	e.driver.inside++ // somebody in the kernel holds the first one up
	e.mu.Unlock()
	returned := make(chan bool, 2)
	for range 2 {
		go func() {
			e.Close()
			returned <- e.ring.Wake() != nil // the eventfd is closed
		}()
	}
	eventually(t, e, "Close about to unmap", func() bool { return e.closed })
	time.Sleep(10 * time.Millisecond)
	if len(returned) > 0 {
		t.Error("a second Close returned before the first")
	}
	e.mu.Lock()
	e.driver.inside--
	e.mu.Unlock()
	within(t, 5*time.Second, func() {
		for range 2 {
			if !<-returned {
				t.Error("Close returned with the ring open")
			}
		}
	})
}

// late answers reads in order after a delay.
func late(delay time.Duration) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		for c := range p.Stream() {
			off, n := parseReadArgs(c.Args)
			time.Sleep(delay)
			if _, err := p.Write(readReply(c.XID, off, n)); err != nil {
				return
			}
		}
	}
}

// With a slow server everybody parks, and the keeper hands out what comes.
func TestSlowServer(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("procs=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			took := slowServer(t)
			for tries := 1; took > 2*time.Second && tries < 3; tries++ { // the machine may be busy
				took = slowServer(t)
			}
			if took > 2*time.Second {
				t.Errorf("10 reads in a row of 7 ms each took %v: wake-ups are missed", took)
			}
		})
	}
}

// slowServer makes 10 reads in a row on each of six connections.
func slowServer(t *testing.T) (took time.Duration) {
	s := transporttest.Serve(t, late(7*time.Millisecond))
	var workers sync.WaitGroup
	var engines []*Engine
	began := time.Now()
	for range 2 {
		e := newEngine(t, Options{})
		engines = append(engines, e)
		for range 3 {
			c := dial(t, e, s, ConnOptions{})
			workers.Go(func() {
				q := e.NewQueue(1)
				for i := range 10 {
					r := newRead(uint64(i), make([]byte, 5000))
					if err := q.Do(ctx, r.on(c)); err != nil || !bytes.Equal(r.Iovs[0], pattern(uint64(i), 5000)) {
						t.Error(err, "or wrong bytes")
					}
				}
			})
		}
	}
	within(t, 20*time.Second, workers.Wait)
	took = time.Since(began)
	for _, e := range engines {
		if s := e.Stats(); s.Parks == 0 {
			t.Errorf("nobody parked: %+v", s)
		}
	}
	return took
}

// A driver that has what it came for makes a parked goroutine the next driver.
func TestDriverHandsOver(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		skip.For(t, skip.Machine, "one CPU: a long wait keeps the only P from the server")
	}
	answer := make(chan bool)
	e, c := start(t, Options{Wait: 100 * time.Millisecond}, func(p *transporttest.Peer) {
		for _, c := range p.Calls(2) {
			<-answer
			off, n := parseReadArgs(c.Args)
			p.Write(readReply(c.XID, off, n))
		}
		p.Hold()
	})
	queues := []*Queue{e.NewQueue(1), e.NewQueue(1)}
	done := make(chan error, 2)
	for i, q := range queues {
		go func() { done <- q.Do(ctx, newRead(uint64(i), make([]byte, 10)).on(c)) }()
		eventually(t, e, "a waiter", func() bool { return q.waiting })
	}
	eventually(t, e, "one drives, one is parked", func() bool {
		return e.driver.waiting && !queues[0].parked && queues[1].parked
	})
	answer <- true
	eventually(t, e, "the other drives", func() bool { return e.driver.waiting && !queues[1].parked })
	answer <- true
	for range queues {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// A caller that does not wait finds its calls finished all the same; one that
// does not even flush finds them sent.
func TestNobodyWaits(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	for _, flush := range []bool{true, false} {
		q := e.NewQueue(8)
		for i := range 8 {
			if err := q.Add(newRead(uint64(i), make([]byte, 1000)).on(c)); err != nil {
				t.Fatal(err)
			}
		}
		if flush {
			q.Flush()
		}
		for left, end := 8, time.Now().Add(10*time.Second); left > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("flush=%v: %d reads do not end", flush, left)
			}
			for call := q.Pop(); call != nil; call = q.Pop() {
				if left--; call.Err != nil {
					t.Fatalf("flush=%v: %v", flush, call.Err)
				}
			}
		}
	}
}

// The garbage collector runs all the time while heap memory is lent.
func TestCollectUnderLoad(t *testing.T) {
	e, c := start(t, Options{}, serveReads)
	stop := make(chan bool)
	var collector sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	q := e.NewQueue(16)
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	for round := range rounds {
		for i := range 16 {
			n := 100 + 997*i
			// Nothing but the engine holds the call and its memory.
			if err := q.Add(newRead(uint64(round*i), make([]byte, n/2), make([]byte, n-n/2)).on(c)); err != nil {
				t.Fatal(err)
			}
			_ = make([]byte, n) // would take a freed buffer's place
		}
		within(t, 10*time.Second, func() { q.Wait(ctx, 16) })
		for c := q.Pop(); c != nil; c = q.Pop() {
			p := bytes.Join(c.Iovs, nil)
			if c.Err != nil || !bytes.Equal(p, pattern(c.UserData.(uint64), len(p))) {
				t.Fatalf("%v, or wrong bytes", c.Err)
			}
		}
	}
	close(stop)
	collector.Wait()
}
