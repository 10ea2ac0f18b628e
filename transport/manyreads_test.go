package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// readsEnv names the environment variable that says how many reads
// TestManyEnds makes.
const readsEnv = "RINGREADV_READS"

// manyReads is how many that are.
func manyReads(t *testing.T) int {
	if s := os.Getenv(readsEnv); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(readsEnv, err)
		}
		return n
	}
	switch {
	case raceEnabled:
		return 50_000
	case testing.Short():
		return 20_000
	}
	return 1_000_000
}

const (
	manyWorkers = 4
	manyDepth   = 16       // reads in flight of a worker
	manyBytes   = 64 << 10 // most of a read
	manyGuard   = 64
	manyContent = 1 << 20
)

// A great many reads of all sizes over several connections, from several
// goroutines, a third of them cancelled at any moment and some with hardly any
// time: each is reported once, with the right bytes or as it was told to end, and
// nothing is written beside its memory, nor after its report.
func TestManyEnds(t *testing.T) {
	manyEnds(t, manyReads(t))
}

func manyEnds(t *testing.T, total int) {
	content := pattern(0, manyContent)
	s := transporttest.Serve(t, serveContent(content))
	e := newEngine(t, Options{})
	var conns []*Conn
	for range 3 {
		conns = append(conns, dial(t, e, s, ConnOptions{}))
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	began := time.Now()
	var workers [manyWorkers]*manyWorker
	done := make(chan error, manyWorkers)
	for i := range workers {
		w := &manyWorker{
			q: e.NewQueue(manyDepth), conns: conns, content: content,
			rnd: rand.New(rand.NewPCG(seed, uint64(i))), late: make(chan *testRead, manyDepth),
		}
		workers[i] = w
		go w.cancelLate(seed + uint64(i))
		go func() {
			defer close(w.late)
			done <- w.run(total / manyWorkers)
		}()
	}
	for range manyWorkers {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute + time.Duration(total)*time.Millisecond):
			panic("hangs")
		}
	}
	var sum manyWorker
	for _, w := range workers {
		sum.good, sum.cancelled, sum.expired = sum.good+w.good, sum.cancelled+w.cancelled, sum.expired+w.expired
	}
	st := e.Stats()
	t.Logf("%d reads in %v: %d succeeded, %d were cancelled, %d expired; %+v",
		total, time.Since(began).Round(time.Millisecond), sum.good, sum.cancelled, sum.expired, st)
	reads := uint64(total / manyWorkers * manyWorkers)
	if st.Accepted != reads || st.Reported != reads || st.InFlight != 0 {
		t.Errorf("%d reads, %d accepted, %d reported", reads, st.Accepted, st.Reported)
	}
	if st.Failed != uint64(sum.cancelled+sum.expired) || st.UnknownReplies != 0 || st.LostConns != 0 {
		t.Errorf("%d failed, %d replies to nothing, %d connections lost", st.Failed, st.UnknownReplies, st.LostConns)
	}
	if sum.good < total/2 || sum.cancelled < total/20 || sum.expired < total/200 || st.LateReplies == 0 {
		t.Error("the load did not do its part")
	}
}

// serveContent answers reads of content in pieces and now and then late, on every
// second connection those that came together in any order. It is fast: it
// allocates nothing for a call.
func serveContent(content []byte) func(*transporttest.Peer) {
	var conns atomic.Int32
	return func(p *transporttest.Peer) {
		shuffled := conns.Add(1)%2 == 0
		rnd := rand.New(rand.NewPCG(1, 2))
		in := make([]byte, 0, 64<<10)
		var out []byte
		var calls [][]byte // records without their marks
		for {
			k, err := p.Read(in[len(in):cap(in)])
			if err != nil {
				return
			}
			in = in[:len(in)+k]
			b := in
			calls = calls[:0]
			for len(b) >= xdrwire.MarkBytes {
				size := xdrwire.MarkBytes + xdrwire.ParseMark(b).Len()
				if len(b) < size {
					break
				}
				calls = append(calls, b[xdrwire.MarkBytes:size])
				b = b[size:]
			}
			if shuffled {
				rnd.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
			}
			out = out[:0]
			for _, call := range calls {
				h, head, err := xdrwire.ParseCall(call)
				if err != nil {
					return
				}
				out = appendRead(out, h.XID, call[head:], content)
			}
			in = in[:copy(in, b)]
			if writeInPieces(p, rnd, out) != nil {
				return
			}
		}
	}
}

// appendRead appends the reply to a read of content.
func appendRead(b []byte, xid uint32, args, content []byte) []byte {
	off, n := parseReadArgs(args)
	b, at := xdrwire.BeginRecord(b)
	b = xdrwire.AppendReply(b, xid, xdrwire.Success)
	b = xdrwire.AppendUint32(b, 0)
	b = xdrwire.AppendUint32(b, uint32(n))
	b = append(b, content[off:int(off)+n]...)
	xdrwire.EndRecord(b, at)
	return b
}

func writeInPieces(w io.Writer, rnd *rand.Rand, b []byte) error {
	for len(b) > 0 {
		k := len(b)
		if rnd.IntN(4) == 0 {
			k = 1 + rnd.IntN(len(b))
		}
		if _, err := w.Write(b[:k]); err != nil {
			return err
		}
		if b = b[k:]; rnd.IntN(64) == 0 {
			time.Sleep(time.Duration(rnd.IntN(500)) * time.Microsecond)
		}
	}
	return nil
}

// manyWorker makes reads from one goroutine, and cancels from a second.
type manyWorker struct {
	q       *Queue
	conns   []*Conn
	content []byte
	rnd     *rand.Rand
	late    chan *testRead
	resting []*manyBlock

	good, cancelled, expired int
}

// manyBlock is memory of which some was lent: guards, and between them the slices
// of a read.
type manyBlock struct {
	mem    [manyGuard + manyBytes + manyGuard]byte
	off, n int
	marked bool // cancelled at some moment
}

// lent is the block as far as the read and its guards went.
func (b *manyBlock) lent() []byte { return b.mem[:manyGuard+b.n+manyGuard] }

var lentBytes, reportedBytes = bytes.Repeat([]byte{0x3C}, len(manyBlock{}.mem)), bytes.Repeat([]byte{marker}, len(manyBlock{}.mem))

// cancelLate cancels reads after a while, which may be after their report.
func (w *manyWorker) cancelLate(seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	for r := range w.late {
		if rnd.IntN(8) == 0 {
			time.Sleep(time.Duration(rnd.IntN(300)) * time.Microsecond)
		}
		w.q.Cancel(&r.Call, nil)
	}
}

func (w *manyWorker) run(count int) error {
	for range 2 * manyDepth {
		b := new(manyBlock)
		copy(b.mem[:], reportedBytes)
		w.resting = append(w.resting, b)
	}
	added := make([]*testRead, 0, manyDepth)
	for begun, ended := 0, 0; ended < count; {
		added = added[:0]
		for n := 1 + w.rnd.IntN(manyDepth); n > 0 && begun < count && begun-ended < manyDepth; n-- {
			r, err := w.add()
			if err != nil {
				return err
			}
			begun++
			added = append(added, r)
		}
		if w.rnd.IntN(2) == 0 {
			w.q.Flush()
		}
		for _, r := range added {
			w.cancelSome(r)
		}
		if err := w.q.Wait(ctx, w.rnd.IntN(manyDepth)); err != nil {
			return err
		}
		for call := w.q.Pop(); call != nil; call = w.q.Pop() {
			ended++
			if err := w.judge(call); err != nil {
				return err
			}
		}
	}
	for len(w.resting) > 0 {
		if _, err := w.wake(); err != nil {
			return err
		}
	}
	return nil
}

// wake takes memory that has rested since its report.
func (w *manyWorker) wake() (*manyBlock, error) {
	i := w.rnd.IntN(len(w.resting))
	b := w.resting[i]
	last := len(w.resting) - 1
	w.resting[i] = w.resting[last]
	w.resting = w.resting[:last]
	if !bytes.Equal(b.lent(), reportedBytes[:len(b.lent())]) {
		return nil, errors.New("a byte landed after the report")
	}
	return b, nil
}

// add makes up a read, small sizes as often as large ones, and adds it.
func (w *manyWorker) add() (*testRead, error) {
	rnd := w.rnd
	b, err := w.wake()
	if err != nil {
		return nil, err
	}
	b.n = min(1+rnd.IntN(1<<rnd.IntN(17)), manyBytes)
	b.off, b.marked = rnd.IntN(manyContent-b.n+1), false
	copy(b.lent(), lentBytes)
	p := b.mem[manyGuard:][:b.n:b.n]
	iovs := [][]byte{p}
	if rnd.IntN(3) == 0 {
		k := rnd.IntN(b.n + 1)
		iovs = [][]byte{p[:k:k], p[k:]}
	}
	r := newRead(uint64(b.off), iovs...)
	r.UserData = b
	switch rnd.IntN(32) {
	case 0, 1, 2:
		r.Deadline = time.Now().Add(time.Duration(rnd.IntN(500)) * time.Microsecond)
	case 3:
		r.Deadline = time.Now().Add(-time.Second)
	case 4:
		r.Deadline = time.Now().Add(time.Minute)
	}
	b.marked = rnd.IntN(3) == 0
	return r, w.q.Add(r.on(w.conns[rnd.IntN(len(w.conns))]))
}

// cancelSome cancels a read that is marked, now or in a while.
func (w *manyWorker) cancelSome(r *testRead) {
	switch {
	case !r.UserData.(*manyBlock).marked:
	case w.rnd.IntN(3) == 0:
		w.q.Cancel(&r.Call, nil)
	default:
		w.late <- r
	}
}

// judge looks at a read that has been reported.
func (w *manyWorker) judge(call *Call) error {
	b := call.UserData.(*manyBlock)
	p := b.mem[manyGuard:][:b.n]
	switch {
	case call.Err == nil:
		w.good++
		if call.Received != b.n || !bytes.Equal(p, w.content[b.off:][:b.n]) {
			return fmt.Errorf("%d of %d bytes at %d, or wrong ones", call.Received, b.n, b.off)
		}
	case errors.Is(call.Err, context.Canceled) && b.marked:
		w.cancelled++
	case errors.Is(call.Err, os.ErrDeadlineExceeded) && !call.Deadline.IsZero() && !time.Now().Before(call.Deadline):
		w.expired++
	default:
		return call.Err
	}
	before, after := b.mem[:manyGuard], b.mem[manyGuard+b.n:][:manyGuard]
	if !bytes.Equal(before, lentBytes[:manyGuard]) || !bytes.Equal(after, lentBytes[:manyGuard]) {
		return errors.New("a byte landed beside the lent memory")
	}
	copy(b.lent(), reportedBytes)
	w.resting = append(w.resting, b)
	return nil
}
