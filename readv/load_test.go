package readv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// load reads known files from several goroutines until it is stopped, by two of
// the doors, while a test does something to the server. It holds every read to
// what is promised: one report, in time, with right bytes or an error that the
// caller asked for; nothing written beside the slices, nothing after the report.
type load struct {
	t     testing.TB
	v     *Volume
	files []*loadFile

	workers sync.WaitGroup
	stopped atomic.Bool
	ending  atomic.Bool // the volume is being closed

	started, good, expired, outages, cancelled, gone, closed atomic.Int64

	slowest atomic.Int64 // how long a patient read took, ns
}

// loadFile is a file with what is in it.
type loadFile struct {
	*File
	content []byte
	gone    atomic.Bool // removed: its reads may fail with what the server says then
}

const (
	patience  = 30 * time.Second // of most reads: none of them fails
	lateness  = 10 * time.Second // by how much a report may be late, on a busy machine
	loadBytes = 256 << 10        // most of a read
	loadDepth = 8                // reads in flight of a worker with a queue

	lentByte     = 0xA5 // around lent memory while it is lent
	reportedByte = 0x5A // all over memory after its report
)

// newLoad starts a load that ends before the test's cleanup closes the volume.
func newLoad(t testing.TB, v *Volume, workers int, files ...*loadFile) *load {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	l := startLoad(t, v, workers, seed, files...)
	t.Cleanup(l.stop)
	return l
}

// startLoad starts workers, half of which use queues.
func startLoad(t testing.TB, v *Volume, workers int, seed uint64, files ...*loadFile) *load {
	l := &load{t: t, v: v, files: files}
	for i := range workers {
		w := &loadWorker{load: l, rnd: rand.New(rand.NewPCG(seed, uint64(i)))}
		blocks := loadDepth
		if i%2 == 0 {
			blocks = 1
		}
		mem := make([]byte, 2*blocks*blockBytes) // half of the reads are into registered memory
		region, err := v.Register(mem)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 * blocks {
			w.rest(mem[i*blockBytes:][:blockBytes:blockBytes])
			w.rest(make([]byte, blockBytes))
		}
		l.workers.Go(func() {
			if i%2 == 0 {
				w.block()
			} else {
				w.queue()
			}
			w.checkRest()
			if err := region.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return l
}

// stop ends the load and waits for its last reads.
func (l *load) stop() {
	l.stopped.Store(true)
	l.wait()
}

// wait waits for workers that have been told to end.
func (l *load) wait() {
	ended := make(chan struct{})
	go func() {
		l.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience + 2*lateness):
		panic("a read hangs")
	}
}

// log says what became of the reads.
func (l *load) log() {
	l.t.Helper()
	l.t.Logf("%d reads: %d good, %d out of time (%d in an outage), %d cancelled, %d of removed files, %d ended by Close; the slowest patient one took %v",
		l.started.Load(), l.good.Load(), l.expired.Load(), l.outages.Load(), l.cancelled.Load(), l.gone.Load(), l.closed.Load(),
		time.Duration(l.slowest.Load()).Round(time.Millisecond))
}

// settle waits until so many more reads have been good, of those begun from now on.
func (l *load) settle(reads int64) {
	l.t.Helper()
	want := l.good.Load() + reads
	for end := time.Now().Add(patience); l.good.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) || l.t.Failed() {
			l.t.Fatal("reads do not succeed any more")
		}
	}
}

// loadWorker is one goroutine of a load.
type loadWorker struct {
	*load
	rnd     *rand.Rand
	resting [][]byte // blocks of reported reads
}

// loadRead is one read and its block: guards and gaps of canaries, and between
// them the slices.
type loadRead struct {
	Op
	file    *loadFile
	mem     []byte
	size    int
	began   time.Time
	within  time.Duration
	patient bool
}

const (
	guardBytes = 64
	maxPieces  = 12
	blockBytes = loadBytes + (maxPieces+1)*guardBytes
)

// all are blocks of one byte, to compare with and to fill from: byte by byte takes
// the race detector longer than the reads.
var all = map[byte][]byte{
	lentByte:     bytes.Repeat([]byte{lentByte}, blockBytes),
	reportedByte: bytes.Repeat([]byte{reportedByte}, blockBytes),
}

func fill(p []byte, with byte)        { copy(p, all[with]) }
func filled(p []byte, with byte) bool { return bytes.Equal(p, all[with][:len(p)]) }

// rest keeps a block that is the caller's again.
func (w *loadWorker) rest(mem []byte) {
	fill(mem, reportedByte)
	w.resting = append(w.resting, mem)
}

// wake takes a block that has rested, in which nothing may have changed.
func (w *loadWorker) wake() []byte {
	i := w.rnd.IntN(len(w.resting))
	mem := w.resting[i]
	last := len(w.resting) - 1
	w.resting[i] = w.resting[last]
	w.resting = w.resting[:last]
	if !filled(mem, reportedByte) {
		w.t.Error("a byte landed after the report")
	}
	return mem
}

func (w *loadWorker) checkRest() {
	for len(w.resting) > 0 {
		w.wake()
	}
}

// next makes up a read: anywhere, of any size, into one to maxPieces slices.
func (w *loadWorker) next() *loadRead {
	rnd := w.rnd
	r := &loadRead{file: w.files[rnd.IntN(len(w.files))], mem: w.wake(), began: time.Now()}
	fill(r.mem, lentByte)
	r.size = 1 + rnd.IntN(loadBytes)
	if rnd.IntN(2) == 0 {
		r.size = 1 + rnd.IntN(8<<10)
	}
	pieces := min(1+rnd.IntN(maxPieces), r.size)
	at := guardBytes
	for left := r.size; pieces > 0; pieces-- {
		n := left
		if pieces > 1 {
			n = 1 + rnd.IntN(left-pieces+1)
		}
		r.Iovs = append(r.Iovs, r.mem[at:at+n:at+n])
		at += n + guardBytes
		left -= n
	}
	r.Off = rnd.Int64N(int64(len(r.file.content)))
	r.File, r.UserData = r.file.File, r
	r.patient = rnd.IntN(4) > 0
	r.within = patience
	if !r.patient {
		r.within = 50*time.Millisecond + time.Duration(rnd.IntN(150))*time.Millisecond
	}
	r.Deadline = r.began.Add(r.within)
	w.started.Add(1)
	return r
}

// over reports whether there is no more to read.
func (w *loadWorker) over() bool { return w.stopped.Load() || w.t.Failed() }

// block reads by the blocking door.
func (w *loadWorker) block() {
	for !w.over() {
		r := w.next()
		within, cancel := context.WithDeadline(ctx, r.Deadline)
		if r.patient && w.rnd.IntN(16) == 0 {
			r.patient = false
			time.AfterFunc(time.Duration(w.rnd.IntN(2000))*time.Microsecond, cancel)
		}
		r.N, r.Err = r.File.Readv(within, r.Iovs, r.Off)
		cancel()
		w.judge(r)
		time.Sleep(time.Duration(w.rnd.IntN(1000)) * time.Microsecond)
	}
}

// queue reads by the asynchronous door.
func (w *loadWorker) queue() {
	q := w.v.NewQueue(loadDepth)
	done := make([]*Op, loadDepth)
	for !w.over() || q.InFlight() > 0 {
		for !w.over() && q.InFlight() < loadDepth {
			r := w.next()
			_, err := q.Add(&r.Op)
			if err != nil { // of a volume that is closed, or a file that is gone
				r.Err = err
				w.judge(r)
				continue
			}
			if w.rnd.IntN(16) == 0 {
				r.patient = false
				time.AfterFunc(time.Duration(w.rnd.IntN(2000))*time.Microsecond, func() { q.Cancel(&r.Op) })
			}
		}
		within, cancel := context.WithTimeout(ctx, patience+lateness)
		n, err := q.Wait(within, done, 1)
		cancel()
		if err != nil {
			w.t.Errorf("waiting with %d reads in flight: %v", q.InFlight(), err)
			return
		}
		for _, o := range done[:n] {
			w.judge(o.UserData.(*loadRead))
		}
		time.Sleep(time.Duration(w.rnd.IntN(1000)) * time.Microsecond)
	}
}

// judge looks at a read that has been reported.
func (w *loadWorker) judge(r *loadRead) {
	took := time.Since(r.began)
	if took > r.within+lateness {
		w.t.Errorf("a read with %v of time was reported after %v", r.within, took)
	}
	if err := w.verdict(r); err != nil {
		w.t.Errorf("read of %d at %d of %s, after %v of %v: %d bytes, %v: %v", r.size, r.Off, r.File.Name(), took, r.within, r.N, r.Err, err)
	}
	if r.Err == nil && r.patient && took > time.Duration(w.slowest.Load()) {
		w.slowest.Store(int64(took))
	}
	if err := r.checkMemory(); err != nil {
		w.t.Error(err)
	}
	w.rest(r.mem)
}

// verdict says what is wrong with how a read ended, and counts it.
func (w *loadWorker) verdict(r *loadRead) error {
	var path *fs.PathError
	var outage *transport.OutageError
	var lost *transport.ConnError
	switch err := r.Err; {
	case err == nil || err == io.EOF:
		w.good.Add(1)
		if expect := min(r.size, len(r.file.content)-int(r.Off)); r.N != expect || (err == io.EOF) != (r.N < r.size) {
			return fmt.Errorf("not %d bytes", expect)
		}
		return nil
	case w.ending.Load() && (errors.Is(err, ErrClosed) || errors.As(err, &lost)):
		// A connection lost during Close is not replaced.
		w.closed.Add(1)
		return nil
	case !errors.As(err, &path):
		return errors.New("no path in the error")
	case r.file.gone.Load() && isGone(err):
		w.gone.Add(1)
		return nil
	case r.patient:
		return errors.New("there was time enough")
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.expired.Add(1)
		if errors.As(err, &outage) {
			w.outages.Add(1)
			if !errors.As(err, &lost) || !lost.Retryable() {
				return errors.New("an outage without a lost connection")
			}
		}
		return nil
	case errors.Is(err, context.Canceled):
		w.cancelled.Add(1)
		return nil
	}
	return errors.New("of no known kind")
}

// isGone reports whether err is what servers say of a file that was removed.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE) }

// checkMemory compares what the read reports with the file, and looks at the
// canaries.
func (r *loadRead) checkMemory() error {
	expect := r.file.content[r.Off:]
	at, left := 0, r.N
	for _, p := range r.Iovs {
		n := min(left, len(p))
		if !bytes.Equal(p[:n], expect[:n]) {
			return fmt.Errorf("read of %d at %d of %s: wrong bytes", r.size, r.Off, r.File.Name())
		}
		expect, left = expect[n:], left-n
		if !filled(r.mem[at:at+guardBytes], lentByte) {
			return errors.New("a byte landed between the slices")
		}
		at += guardBytes + len(p)
	}
	if !filled(r.mem[at:], lentByte) {
		return errors.New("a byte landed behind the slices")
	}
	return nil
}
