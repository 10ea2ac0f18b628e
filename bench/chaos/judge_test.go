package chaos

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

func newTestLeg() *leg { return newLeg(&Config{}, &source{}) }

// broken are the breaches counted.
func (l *leg) count(b breach) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken[b]
}

func TestSlabSeesStrayBytes(t *testing.T) {
	q := newQuarantine(func(*slab) { t.Error("a late write") })
	rnd := rand.New(rand.NewPCG(1, 1))
	for n := range 300 {
		s := q.take(n)
		s.lay(rnd, n)
		total, inside := 0, make([]bool, len(s.mem))
		for i, v := range s.iovs {
			for k := range v {
				v[k]++
				inside[s.spans[i].from+k] = true
			}
			total += len(v)
		}
		if total != n || !s.outside() {
			t.Fatalf("%d bytes in %d slices of %d, clean outside: %v", n, len(s.iovs), total, s.outside())
		}
		if s.untouched() != (n == 0) {
			t.Fatalf("%d bytes written, untouched: %v", n, s.untouched())
		}
		for i := range s.mem {
			if !inside[i] {
				s.mem[i]++
				if s.outside() {
					t.Fatalf("a write to byte %d outside of %v was not seen", i, s.spans)
				}
				s.mem[i]--
			}
		}
		q.put(s)
	}
}

func TestQuarantineSeesLateWrites(t *testing.T) {
	var late []*slab
	q := newQuarantine(func(s *slab) { late = append(late, s) })
	const n = 5000
	taken := make([]*slab, 10)
	for i := range taken {
		taken[i] = q.take(n)
		taken[i].one(n)
		copy(taken[i].iovs[0], "what is read before the report is no late write")
	}
	for _, s := range taken {
		q.put(s)
	}
	if s := q.take(n); s == taken[0] {
		t.Error("a slab was lent again at once")
	}
	taken[3].mem[100]++ // a late write
	taken[7].mem[0]--
	q.letOut(time.Now().Add(-time.Hour), maxHeldBytes)
	if len(late) != 0 {
		t.Errorf("%d were let out early", len(late))
	}
	q.letOut(time.Now().Add(-time.Hour), 6*len(taken[0].mem)) // too many: the oldest leave
	if len(late) != 1 || late[0] != taken[3] {
		t.Errorf("%d late writes after four left", len(late))
	}
	q.lookAtAll()
	if len(late) != 2 || late[1] != taken[7] || q.held != 0 {
		t.Errorf("%d late writes, %d bytes held", len(late), q.held)
	}
	for range taken {
		if s := q.take(n); !s.untouched() {
			t.Error("a slab is lent that is not clean")
		}
	}
}

// Late writes are those of a leg's reads, too.
func TestLegCountsLateWrites(t *testing.T) {
	l := newTestLeg()
	s := l.quarantine.take(10)
	l.quarantine.put(s)
	s.mem[5]++
	l.quarantine.lookAtAll()
	if n := l.count(lateWrites); n != 1 {
		t.Errorf("%d late writes", n)
	}
}

func TestJudge(t *testing.T) {
	f := &content{name: "f", bytes: []byte("the content of a file, as it is"), whole: true}
	size := len(f.bytes)
	typed := &fs.PathError{Op: "read", Path: "f", Err: &transport.OpError{Err: transport.ErrDeadline}}
	lost := &fs.PathError{Op: "read", Path: "f", Err: &transport.OpError{Err: &transport.ConnError{Err: io.EOF}}}
	for _, c := range []struct {
		name     string
		off      int64
		asked, n int
		err      error
		change   func(s *slab)
		want     breach // or none
		verified bool
	}{
		{"all", 4, 10, 10, nil, nil, breaches, true},
		{"to the end", 4, size - 4, size - 4, nil, nil, breaches, true},
		{"over the end", 4, size, size - 4, io.EOF, nil, breaches, true},
		{"past the end", int64(size), 5, 0, io.EOF, nil, breaches, true},
		{"nothing", 4, 0, 0, nil, nil, breaches, true},
		{"a deadline", 4, 10, 0, typed, nil, breaches, false},
		{"a deadline with some bytes", 4, 10, 6, typed, nil, breaches, false},
		{"short without a reason", 4, 10, 9, nil, nil, wrongBytes, false},
		{"an end too early", 4, 10, 9, io.EOF, nil, wrongBytes, false},
		{"an end and all bytes", 4, 10, 10, io.EOF, nil, wrongBytes, false},
		{"over the end without its end", 4, size, size, nil, nil, wrongBytes, false},
		{"more than asked", 4, 10, 11, typed, nil, wrongBytes, false},
		{"a wrong byte", 4, 10, 10, nil, func(s *slab) { s.iovs[0][9]++ }, wrongBytes, false},
		{"a wrong byte before an error", 4, 10, 6, typed, func(s *slab) { s.iovs[0][5]++ }, wrongBytes, false},
		{"anything behind an error", 4, 10, 6, typed, func(s *slab) { s.iovs[0][6]++ }, breaches, false},
		{"a byte before", 4, 10, 10, nil, func(s *slab) { s.mem[0]++ }, outsideWrites, true},
		{"a byte behind", 4, 10, 10, nil, func(s *slab) { s.mem[11]++ }, outsideWrites, true},
		{"a byte far behind", 4, 10, 0, typed, func(s *slab) { s.mem[len(s.mem)-1]++ }, outsideWrites, false},
		{"no type", 4, 10, 0, errors.New("failed"), nil, untypedErrors, false},
		{"no file", 4, 10, 0, transport.ErrDeadline, nil, untypedErrors, false},
		{"a lost connection", 4, 10, 0, lost, nil, lostReads, false},
	} {
		l := &client{leg: newTestLeg(), fast: new(atomic.Bool)}
		s := l.quarantine.take(c.asked)
		s.one(c.asked)
		if int(c.off) < size {
			copy(s.iovs[0], f.bytes[c.off:])
		}
		if c.change != nil {
			c.change(s)
		}
		l.judge(f, s, c.off, c.asked, c.n, c.err)
		for b := range breaches {
			if got := l.count(b); (got == 1) != (b == c.want) {
				t.Errorf("%s: %d times %q", c.name, got, breachNames[b])
			}
		}
		if (l.verified == 1) != c.verified || l.reads != 1 {
			t.Errorf("%s: %d reads, %d verified", c.name, l.reads, l.verified)
		}
	}
}

// With FailFast a lost connection is no breach.
func TestJudgeFailFast(t *testing.T) {
	c := &client{leg: newTestLeg(), fast: new(atomic.Bool)}
	c.fast.Store(true)
	s := c.quarantine.take(10)
	s.one(10)
	c.judge(&content{bytes: make([]byte, 10)}, s, 0, 10, 0, &fs.PathError{Err: &transport.ConnError{Err: io.EOF}})
	if c.count(lostReads) != 0 || c.failed[failFast] != 1 {
		t.Errorf("failed: %v", c.failed)
	}
}

func TestRefusedReadsAreNotLent(t *testing.T) {
	c := &client{leg: newTestLeg(), fast: new(atomic.Bool)}
	s := c.quarantine.take(10)
	s.one(10)
	c.refused(s, transport.ErrClosed)
	if n := c.count(outsideWrites); n != 0 {
		t.Errorf("%d writes", n)
	}
	s.iovs[0][3]++
	c.refused(s, transport.ErrClosed)
	if n := c.count(outsideWrites); n != 1 {
		t.Errorf("%d writes seen, want 1", n)
	}
	lost := &transport.ConnError{Err: io.EOF}
	c.refused(s, lost)
	c.fast.Store(true)
	c.refused(s, lost)
	if n := c.count(lostReads); n != 1 {
		t.Errorf("%d refused for a lost connection, want the one without FailFast", n)
	}
}

func TestWatch(t *testing.T) {
	var hung []string
	w := newWatch(func(what string, stacks []byte) {
		if !bytes.Contains(stacks, []byte("TestWatch")) {
			t.Error("the stacks are not there")
		}
		hung = append(hung, what)
	})
	now := time.Now()
	w.end(w.begin("ends", now))
	slow := w.begin("hangs", now)
	w.begin("has time", now.Add(time.Minute))
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {grace - 1, 0}, {grace + 1, 1}, {grace + time.Second, 1}, {grace + time.Hour, 2}} {
		if w.look(now.Add(c.after)); len(hung) != c.want {
			t.Errorf("after %v: %q", c.after, hung)
		}
	}
	w.end(slow)
}

func TestLeavingsAreSeen(t *testing.T) {
	before := holdingsNow()
	stop := make(chan struct{})
	go func() { <-stop }()
	f, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	if left := before.beyond(20 * time.Millisecond); left != (holdings{1, 1}) {
		t.Errorf("left: %+v", left)
	}
	close(stop)
	f.Close()
	if left := before.beyond(10 * time.Second); left != (holdings{}) {
		t.Errorf("left: %+v", left)
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind string
	}{
		{transport.ErrDeadline, failDeadline},
		{&transport.OutageError{Lost: &transport.ConnError{Err: io.EOF}}, failDeadline},
		{context.Canceled, failCancelled},
		{transport.ErrClosed, failClosed},
		{fs.ErrClosed, failClosed},
		{&transport.ConnError{Err: &transport.RecordError{}}, failLost},
		{&transport.ReplyError{}, failReply},
		{gfs.ErrReadLength, failReply},
		{&xdrwire.RPCError{Accept: xdrwire.SystemErr}, failRPC},
		{&gfs.StatusError{Errno: 2}, failStatus},
		{nfs3.StatusAcces.Err(), failStatus},
		{syscall.ECONNREFUSED, failSystem},
		{errors.New("something"), failUntyped},
		{io.EOF, failUntyped},
	} {
		wrapped := &fs.PathError{Op: "read", Path: "f", Err: &transport.OpError{Err: c.err}}
		if got := kindOf(wrapped); got != c.kind {
			t.Errorf("%v: %q, want %q", c.err, got, c.kind)
		}
	}
}

// The words that may be corrupted are those that agree with each other.
func TestLengths(t *testing.T) {
	const n = 0x1234
	attr := nfs3.OptionalFattr{Present: true}
	gluster := func(vers uint32, ret int32) []byte {
		return gfs.AppendReadReply(vers, nil, &gfs.ReadReply{Result: gfs.Result{Ret: ret, Errno: 2}, Size: uint32(max(ret, 0))})
	}
	for _, c := range []struct {
		name  string
		proc  xdrwire.Procedure
		reply []byte
		want  []uint32 // in the words
	}{
		{"nfs", nfs3.ProcRead, nfs3.AppendReadReplyHead(nil, &nfs3.ReadReply{Count: n, Length: n}), []uint32{n, n}},
		{"nfs with attributes", nfs3.ProcRead, nfs3.AppendReadReplyHead(nil, &nfs3.ReadReply{Attr: attr, Count: n, Length: n}), []uint32{n, n}},
		{"nfs, at the end", nfs3.ProcRead, nfs3.AppendReadReplyHead(nil, &nfs3.ReadReply{Attr: attr, EOF: true}), nil},
		{"nfs, refused", nfs3.ProcRead, nfs3.AppendReadReplyHead(nil, &nfs3.ReadReply{Status: nfs3.StatusAcces, Attr: attr}), nil},
		{"nfs, no READ", nfs3.ProcGetattr, nfs3.AppendReadReplyHead(nil, &nfs3.ReadReply{Attr: attr, Count: n, Length: n}), nil},
		{"gluster 400", gfs.FOP(gfs.V400, gfs.OpRead), gluster(gfs.V400, n), []uint32{n, n, 0}},
		{"gluster 330", gfs.FOP(gfs.V330, gfs.OpRead), gluster(gfs.V330, n), []uint32{n, n, 0}},
		{"gluster, at the end", gfs.FOP(gfs.V400, gfs.OpRead), gluster(gfs.V400, 0), nil},
		{"gluster, refused", gfs.FOP(gfs.V330, gfs.OpRead), gluster(gfs.V330, -1), nil},
		{"gluster, cut short", gfs.FOP(gfs.V400, gfs.OpRead), gluster(gfs.V400, n)[:50], nil},
	} {
		var got []uint32
		for _, at := range lengths(c.proc, c.reply) {
			got = append(got, binary.BigEndian.Uint32(c.reply[at:]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %x, want %x", c.name, got, c.want)
		}
	}
}
