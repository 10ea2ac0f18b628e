package readv

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// instead answers one procedure with other results.
func instead(proc xdrwire.Procedure, result func(transporttest.Call) []byte) func(transporttest.Call, []byte) []byte {
	return func(c transporttest.Call, record []byte) []byte {
		if c.Procedure != proc {
			return record
		}
		return transporttest.Accepted(c.XID, result(c))
	}
}

// A server invents entries for ever, which a listing leaves out or keeps: it ends
// with a typed error, or when the caller's time is up.
func TestEndlessListing(t *testing.T) {
	const page = 10_000
	endless := func(name string, attr nfs3.OptionalFattr) func(transporttest.Call) []byte {
		r := nfs3.ReaddirplusReply{}
		for i := range page {
			r.Entries.Add(&nfs3.DirEntry{FileID: 7, Name: name, Cookie: uint64(i), Attr: attr})
		}
		one := r.Entries.Bytes() / page
		body := nfs3.AppendReaddirplusReply(nil, &r)
		return func(c transporttest.Call) []byte {
			a, _ := nfs3.ParseReaddirplusArgs(c.Args)
			// The last entry's cookie, which comes after its name: a new one.
			at := len(body) - 8 - one + 4 + 8 + 4 + 4
			binary.BigEndian.PutUint64(body[at:], a.Cookie+1)
			return body
		}
	}
	s := &nas{bend: instead(nfs3.ProcReaddirplus, endless(".", nfs3.OptionalFattr{}))}
	if !raceEnabled { // four million times
		v := dialTest(t, s.serve(t), nil)
		if list, err := v.ReadDir(ctx, "."); !errors.Is(err, ErrLargeDirectory) {
			t.Errorf("%d entries, %v", len(list), err)
		}
	}
	s = &nas{}
	s.bend = instead(nfs3.ProcReaddirplus, endless("n", s.attr(nfs3.TypeRegular)))
	v := dialTest(t, s.serve(t), nil)
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if list, err := v.ReadDir(soon, "."); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d entries, %v", len(list), err)
	}
}

// Names in a listing that leave the directory do not reach the caller.
func TestListedNames(t *testing.T) {
	for _, name := range []string{"", "../up", "/etc/passwd", "nul\x00"} {
		n := &nas{bend: instead(nfs3.ProcReaddirplus, func(transporttest.Call) []byte {
			r := nfs3.ReaddirplusReply{EOF: true}
			r.Entries.Add(&nfs3.DirEntry{Name: name, Cookie: 1})
			return nfs3.AppendReaddirplusReply(nil, &r)
		})}
		b := &brick{bend: instead(gfs.FOP(gfs.V400, gfs.OpReaddirp), func(transporttest.Call) []byte {
			return gfs.AppendReaddirpReply(gfs.V400, nil, &gfs.ReaddirpReply{Entries: []gfs.DirEntry{{Name: name, Offset: 1, Type: 8}}})
		})}
		for _, url := range []string{n.serve(t), b.serve(t)} {
			list, err := dialTest(t, url, nil).ReadDir(ctx, ".")
			var bad *NameError
			if !errors.As(err, &bad) || bad.Name != name {
				t.Errorf("%q: %d entries, %v", name, len(list), err)
			}
		}
	}
}

// Symbolic links lead through as many elements as a path has, and through 40
// links.
func TestLongLinks(t *testing.T) {
	most := strings.Repeat("./", 2046) + "file" // PATH_MAX
	for target, want := range map[string]func(error) bool{
		most:                                func(err error) bool { return err == nil },
		most + "x":                          is[*xdrwire.LengthError],
		strings.Repeat("x", 1<<20):          is[*xdrwire.LengthError],
		strings.Repeat("./", 2046) + "link": func(err error) bool { return errors.Is(err, syscall.ELOOP) },
	} {
		n := &nas{bend: instead(nfs3.ProcReadlink, func(transporttest.Call) []byte {
			return nfs3.AppendReadlinkReply(nil, &nfs3.ReadlinkReply{Path: target})
		})}
		b := &brick{bend: instead(gfs.FOP(gfs.V400, gfs.OpReadlink), func(transporttest.Call) []byte {
			return gfs.AppendReadlinkReply(gfs.V400, nil, &gfs.ReadlinkReply{Path: target})
		})}
		for _, url := range []string{n.serve(t), b.serve(t)} {
			if _, err := dialTest(t, url, nil).Stat(ctx, "link"); !want(err) {
				t.Errorf("a target of %d bytes: %v", len(target), err)
			}
		}
	}
}

// A server that says it answers a byte at a time does not have a read cut into as
// many calls.
func TestSmallReadMax(t *testing.T) {
	v := dialTest(t, (&nas{readMax: 1}).serve(t), nil)
	if n := v.backend.MaxRead(); n != 4096 {
		t.Errorf("reads are cut to %d bytes", n)
	}
	p := make([]byte, 100)
	if n, err := open(t, v, "file").ReadAt(p, 7); n != len(p) || err != nil || string(p) != string(content(7, 100)) {
		t.Errorf("byte by byte: %d, %v", n, err)
	}
}

// Results that are much longer than any has to be end their connection.
func TestLargeResult(t *testing.T) {
	n := &nas{bend: instead(nfs3.ProcAccess, func(transporttest.Call) []byte { return make([]byte, 3<<20) })}
	_, err := dialTest(t, n.serve(t), &Options{FailFast: true}).Open(ctx, "file")
	if !is[*transport.ConnError](err) || !is[*transport.RecordError](err) {
		t.Error(err)
	}
}
