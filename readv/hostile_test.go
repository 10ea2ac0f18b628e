package readv

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/readv/nfs"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// bender changes the replies to one procedure of a scripted server that is honest
// otherwise.
type bender struct {
	mu     sync.Mutex
	honest map[xdrwire.Procedure][]byte // the first reply to each
	proc   xdrwire.Procedure
	change func(record []byte) []byte // nil: none
	bent   int
}

func (b *bender) bend(c transporttest.Call, record []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.honest == nil {
		b.honest = make(map[xdrwire.Procedure][]byte)
	}
	if b.honest[c.Procedure] == nil {
		b.honest[c.Procedure] = bytes.Clone(record)
	}
	if b.change == nil || c.Procedure != b.proc {
		return record
	}
	b.bent++
	return b.change(record)
}

// first is the honest server's first reply to a procedure.
func (b *bender) first(proc xdrwire.Procedure) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.honest[proc]
}

// takeBent is how many replies have been bent since it was last asked.
func (b *bender) takeBent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.bent
	b.bent = 0
	return n
}

func (b *bender) set(proc xdrwire.Procedure, change func([]byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proc, b.change = proc, change
}

// hostileServer is one to sweep through the replies of.
type hostileServer struct {
	*bender
	url   string
	opt   Options
	dials []xdrwire.Procedure // those that Dial makes
	later []xdrwire.Procedure // those of a volume's work
}

const (
	hostileTimeout = 40 * time.Millisecond
	hostileRead    = 40 // bytes, so that payload is swept, too
)

// redirect dials the scripted server, whatever address its replies lead to.
func redirect(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

func hostileBrick(t testing.TB, version uint32) *hostileServer {
	s := &hostileServer{bender: &bender{}}
	b := &brick{size: fakeSize, version: version, portmap: true, bend: s.bend}
	s.url = b.serve(t)
	s.opt = Options{Dial: redirect(strings.TrimSuffix(strings.TrimPrefix(s.url, "gluster://"), "/vol"))}
	s.dials = []xdrwire.Procedure{gfs.ProcGetSpec, gfs.ProcPortByBrick, gfs.ProcDump, gfs.ProcSetVolume}
	for _, op := range []uint32{
		gfs.OpLookup, gfs.OpReadlink, gfs.OpOpen, gfs.OpRead, gfs.OpFstat, gfs.OpRelease, gfs.OpOpendir, gfs.OpReaddirp, gfs.OpReleasedir,
	} {
		s.later = append(s.later, gfs.FOP(version, op))
	}
	return s
}

func hostileNAS(t testing.TB) *hostileServer {
	s := &hostileServer{bender: &bender{}}
	n := &nas{bend: s.bend}
	address, url := n.serveAll(t)
	s.url, s.opt = url, Options{Dial: redirect(address)}
	s.dials = []xdrwire.Procedure{rpcbind.ProcGetPort, rpcbind.ProcGetAddrV4, mount3.ProcMnt, nfs3.ProcFsinfo, nfs3.ProcGetattr}
	s.later = []xdrwire.Procedure{nfs3.ProcLookup, nfs3.ProcReadlink, nfs3.ProcAccess, nfs3.ProcRead, nfs3.ProcReaddirplus}
	return s
}

func (s *hostileServer) dial() (*Volume, error) {
	o := s.opt
	o.Timeout, o.FailFast = hostileTimeout, true
	return Dial(ctx, s.url, &o)
}

// bend is one way to change a reply.
type bend struct {
	name   string
	change func([]byte) []byte
}

// bends are all extremes of all words of a record, its ends cut off, and what
// does not belong behind it; or a third of the extremes. A record stays one: marks
// are swept in package transport.
func bends(record []byte, every bool) []bend {
	var all []bend
	word := func(at int, v uint32) {
		if binary.BigEndian.Uint32(record[at:]) == v {
			return
		}
		all = append(all, bend{fmt.Sprintf("word at %d is %#x", at, v), func(b []byte) []byte {
			b = bytes.Clone(b)
			if at+4 <= len(b) {
				binary.BigEndian.PutUint32(b[at:], v)
			}
			return b
		}})
	}
	const afterXID = 2 * xdrwire.MarkBytes
	word(xdrwire.MarkBytes, 0) // the XID
	for at := afterXID; at+4 <= len(record); at += 4 {
		v := binary.BigEndian.Uint32(record[at:])
		for i, w := range []uint32{0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, v - 1, v + 1} {
			if every || (at/4+i)%3 == 0 {
				word(at, w)
			}
		}
	}
	for n := xdrwire.MarkBytes; n < len(record); n += 4 {
		all = append(all, bend{fmt.Sprintf("cut off at %d", n), func(b []byte) []byte {
			return transporttest.Record(b[xdrwire.MarkBytes:min(n, len(b))])
		}})
	}
	for _, n := range []int{1, 4, 1000, 3 << 20} {
		all = append(all, bend{fmt.Sprintf("%d bytes longer", n), func(b []byte) []byte {
			return transporttest.Record(b[xdrwire.MarkBytes:], make([]byte, n))
		}})
	}
	return all
}

// use does everything that there is to do with a volume and reports what went
// wrong with it: a hostile server may fail it, and no more.
func use(t testing.TB, v *Volume) (errs []error) {
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	info, err := v.Stat(ctx, "link")
	if note(err); err == nil && info.Size() < 0 {
		t.Errorf("a size of %d", info.Size())
	}
	list, err := v.ReadDir(ctx, ".")
	note(err)
	for _, e := range list {
		if e.Name() == "" || strings.ContainsAny(e.Name(), "/\x00") {
			t.Errorf("a name %q", e.Name())
		}
	}
	f, err := v.Open(ctx, "file")
	if err != nil {
		return append(errs, err)
	}
	if info, err = f.Stat(ctx); err == nil && info.Size() < 0 {
		t.Errorf("a size of %d", info.Size())
	}
	note(err)
	block := bytes.Repeat([]byte{0xA5}, hostileRead+30)
	iovs := [][]byte{block[10:13:13], block[13:13], block[23 : 23+hostileRead-3 : 23+hostileRead-3]}
	n, err := f.Readv(ctx, iovs, 0)
	if err != io.EOF {
		note(err)
	}
	if n < 0 || n > hostileRead || err == nil && n < hostileRead {
		t.Errorf("%d bytes, %v", n, err)
	}
	clear(iovs[0])
	clear(iovs[2])
	if want := bytes.Repeat([]byte{0xA5}, 10); !bytes.Equal(block[:10], want) || !bytes.Equal(block[13:23], want) || !bytes.Equal(block[20+hostileRead:], want) {
		t.Error("a byte between the slices was written")
	}
	note(f.Close())
	return errs
}

// typed reports whether an error says by its type what happened.
func typed(err error) bool {
	for _, sentinel := range []error{
		xdrwire.ErrShort, xdrwire.ErrBool, gfs.ErrDict, gfs.ErrReadLength, nfs3.ErrReadLength, rpcbind.ErrPort,
		backend.ErrListing, backend.ErrLargeDirectory, io.ErrNoProgress, fs.ErrNotExist,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return is[*transport.OpError](err) || is[*transport.ConnError](err) || is[*xdrwire.LengthError](err) ||
		is[*gfs.StatusError](err) || is[*nfs3.StatusError](err) || is[*mount3.StatusError](err) || is[*gfs.DataTypeError](err) ||
		is[*mount3.FlavorsError](err) || is[*nfs.FlavorError](err) || is[*nfs.NotRegisteredError](err) ||
		is[*gluster.UnsupportedVolumeError](err) || is[*gluster.SetVolumeError](err) || is[*gluster.BrickDownError](err) ||
		is[*backend.NameError](err) || is[syscall.Errno](err) || is[net.Error](err) ||
		// A volfile, or a server, that makes no sense.
		strings.Contains(err.Error(), "volfile") || strings.Contains(err.Error(), "is it a brick?")
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// Every word of every reply that is read at its extremes: whatever is asked of the
// volume succeeds or fails with a typed error, in time; no byte is written where
// none belongs.
func TestHostileReplies(t *testing.T) {
	servers := map[string]func(testing.TB) *hostileServer{
		"gluster 400": func(t testing.TB) *hostileServer { return hostileBrick(t, gfs.V400) },
		"gluster 330": func(t testing.TB) *hostileServer { return hostileBrick(t, gfs.V330) },
		"nfs":         hostileNAS,
	}
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			v := dialTest(t, s.url, &Options{Dial: s.opt.Dial, Rings: 1})
			if errs := use(t, v); len(errs) > 0 {
				t.Fatal("the honest server:", errs)
			}
			for _, proc := range s.dials {
				if name != "gluster 330" && !testing.Short() { // the same procedures
					s.sweep(t, proc, true)
				}
			}
			for _, proc := range s.later {
				s.sweep(t, proc, false)
			}
		})
	}
}

// dialHonest dials until that succeeds: the time that a call may take is short for a
// machine that does much else.
func (s *hostileServer) dialHonest(t *testing.T) *Volume {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		v, err := s.dial()
		if err == nil {
			return v
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// sweep bends one procedure's replies in every way, each for a volume of its own,
// which costs a ring, or for one that is there already.
func (s *hostileServer) sweep(t *testing.T, proc xdrwire.Procedure, own bool) {
	t.Helper()
	honest := s.first(proc)
	if honest == nil {
		t.Fatalf("%v was not called", proc)
	}
	var v *Volume
	cases, failed := 0, 0
	s.takeBent()
	for _, b := range bends(honest, !own && !raceEnabled) {
		if !own && v == nil {
			s.set(proc, nil)
			v = s.dialHonest(t)
		}
		s.set(proc, b.change)
		var errs []error
		if own {
			var err error
			if v, err = s.dial(); err != nil {
				errs = append(errs, err)
			}
		}
		if v != nil {
			errs = append(errs, use(t, v)...)
			if own || v.Stats().LostConns > 0 {
				v.Close()
				v = nil
			}
		}
		for _, err := range errs {
			if !typed(err) {
				t.Errorf("%v, %s: %T %v", proc, b.name, err, err)
			}
		}
		if cases++; len(errs) > 0 {
			failed++
		}
	}
	s.set(xdrwire.Procedure{}, nil)
	if v != nil {
		v.Close()
	}
	// RELEASE is a courtesy, whose failure is nobody's.
	if bent := s.takeBent(); bent < cases*3/4 || failed == 0 && proc.Proc != gfs.OpRelease {
		t.Errorf("%v: %d cases, %d replies bent, %d failed something", proc, cases, bent, failed)
	}
}
