package micro

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

func newRing(b *testing.B) *ring.Ring {
	b.Helper()
	r, err := ring.New(ring.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := r.Close(); err != nil {
			b.Error(err)
		}
	})
	return r
}

// BenchmarkNop is what an entry costs beside what it does: one operation is one
// entry, submitted and reaped in a batch.
func BenchmarkNop(b *testing.B) {
	for _, batch := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			r := newRing(b)
			done := make([]ring.CQE, batch)
			for left := b.N; left > 0; {
				n := min(batch, left)
				for range n {
					if err := r.Nop(0); err != nil {
						b.Fatal(err)
					}
				}
				for n > 0 {
					if err := r.Enter(uint32(n), time.Second); err != nil {
						b.Fatal(err)
					}
					k := r.Reap(done)
					n, left = n-k, left-k
				}
			}
			b.ReportMetric(float64(r.Enters())/float64(b.N), "syscalls/op")
		})
	}
}

// A way to receive into p, which is registered at index 0.
type way struct {
	name    string
	feature func(ring.Features) ring.Feature // it takes; nil for none
	receive func(r *ring.Ring, fd int, p []byte) error
}

const (
	sending = iota + 1
	receiving
)

var ways = []way{
	{"recv", nil, func(r *ring.Ring, fd int, p []byte) error { return r.Recv(fd, p, 0, receiving) }},
	{"recv-waitall", func(f ring.Features) ring.Feature { return f.WaitAll }, func(r *ring.Ring, fd int, p []byte) error {
		return r.Recv(fd, p, unix.MSG_WAITALL, receiving)
	}},
	{"read-fixed", func(f ring.Features) ring.Feature { return f.ReadFixed }, func(r *ring.Ring, fd int, p []byte) error {
		return r.ReadFixed(fd, p, 0, receiving)
	}},
	{"recv-fixed", func(f ring.Features) ring.Feature { return f.RecvFixed }, func(r *ring.Ring, fd int, p []byte) error {
		return r.RecvFixed(fd, p, 0, unix.MSG_WAITALL, receiving)
	}},
}

// BenchmarkRecv sends and receives over one TCP connection, both ends on one
// ring: what differs between the ways is the receive.
func BenchmarkRecv(b *testing.B) {
	for _, n := range []int{4 << 10, 128 << 10} {
		for _, w := range ways {
			b.Run(fmt.Sprintf("bs=%s/way=%s", size(n), w.name), func(b *testing.B) { benchRecv(b, w, n) })
		}
	}
}

func benchRecv(b *testing.B, w way, n int) {
	if w.feature != nil {
		switch f := w.feature(ring.Probe()); f.Answer {
		case ring.No:
			skip.Kernel(b, f.Since, f)
		case ring.Forbidden:
			skip.Forbidden(b, f.Err)
		}
	}
	r := newRing(b)
	from, to := connected(b)
	arena, err := ring.NewArena(n, 2)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { arena.Close() })
	in, out := arena.Get()[:n], arena.Get()[:n]
	table, err := r.NewBufferTable(1)
	if err == nil {
		_, err = table.Register(in)
	}
	if err != nil {
		b.Fatal(err)
	}
	done := make([]ring.CQE, 2)
	receives := 0
	b.SetBytes(int64(n))
	for b.Loop() {
		if err := r.Send(from, out, unix.MSG_WAITALL, sending); err != nil {
			b.Fatal(err)
		}
		sent := false
		for got, armed := 0, false; got < n || !sent; {
			if !armed && got < n {
				if err := w.receive(r, to, in[got:]); err != nil {
					b.Fatal(err)
				}
				receives++
				armed = true
			}
			if err := r.Enter(1, time.Second); err != nil {
				b.Fatal(err)
			}
			for _, cqe := range done[:r.Reap(done)] {
				switch {
				case cqe.Result < 0:
					b.Fatal(cqe.Errno())
				case cqe.UserData == receiving:
					got, armed = got+int(cqe.Result), false
				default:
					sent = true
				}
			}
		}
	}
	b.ReportMetric(float64(r.Enters())/float64(b.N), "syscalls/op")
	b.ReportMetric(float64(receives)/float64(b.N), "recvs/op")
	arena.Put(in)
	arena.Put(out)
}

// connected gives the two ends of a TCP connection over loopback.
func connected(b *testing.B) (from, to int) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	accepted, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer accepted.Close()
	return blocking(b, client), blocking(b, accepted)
}

// blocking is a descriptor of the connection that is the test's, in blocking mode.
func blocking(b *testing.B, c net.Conn) int {
	b.Helper()
	f, err := c.(*net.TCPConn).File()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return int(f.Fd())
}
