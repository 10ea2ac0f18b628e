package readv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/readv/nfs"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// nas is a scripted NFS server, rpcbind, MOUNT and NFS on one port. Its one file
// is called "file", "link" leads there, its export is "/export".
type nas struct {
	size     int
	readMax  uint32 // what FSINFO says; 0 means 1 MiB
	fragment int    // bytes in a fragment of READ replies; 0 means one fragment
	flavors  []uint32
	access   func(uint32) uint32                     // of what was asked for; nil allows
	read     func(nfsRead) []byte                    // a whole record; nil answers honestly
	bend     func(transporttest.Call, []byte) []byte // has the last word on every record; nil leaves them
}

type nfsRead struct {
	transporttest.Call
	*nas
	args nfs3.ReadArgs
}

func (s *nas) serve(t testing.TB) string {
	t.Helper()
	if s.size == 0 {
		s.size = fakeSize
	}
	if s.readMax == 0 {
		s.readMax = 1 << 20
	}
	server := transporttest.Serve(t, s.script)
	host, port, _ := net.SplitHostPort(server.Address())
	return fmt.Sprintf("nfs://%s/export?nfsport=%s&mountport=%s", host, port, port)
}

// serveAll is serve with rpcbind, whose port is a fixed one: connections have to be
// made to the address, whatever the URL leads to.
func (s *nas) serveAll(t testing.TB) (address, url string) {
	t.Helper()
	url, ports, _ := strings.Cut(s.serve(t), "?")
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "nfs://"), "/")
	_, port, _ := strings.Cut(ports, "mountport=")
	return net.JoinHostPort(host, port), url
}

func (s *nas) script(p *transporttest.Peer) {
	for {
		c, err := p.Call()
		if err != nil {
			return
		}
		if c.Procedure == nfs3.ProcRead {
			a, err := nfs3.ParseReadArgs(c.Args)
			if err != nil {
				return
			}
			r := nfsRead{c, s, a}
			if s.read != nil {
				p.Write(s.read(r))
			} else {
				s.write(p, c, r.honest())
			}
			continue
		}
		if result := s.answer(c); result != nil {
			s.write(p, c, transporttest.Accepted(c.XID, result))
		} else {
			p.Write(transporttest.Record(xdrwire.AppendReply(nil, c.XID, xdrwire.ProcUnavail)))
		}
	}
}

func (s *nas) write(p *transporttest.Peer, c transporttest.Call, record []byte) {
	if s.bend != nil {
		record = s.bend(c, record)
	}
	p.Write(record)
}

func handle(b byte) nfs3.FileHandle {
	h, _ := nfs3.NewFileHandle(bytes.Repeat([]byte{b}, 24))
	return h
}

func (s *nas) attr(kind nfs3.FileType) nfs3.OptionalFattr {
	return nfs3.OptionalFattr{Present: true, Attr: nfs3.Fattr{Type: kind, Mode: 0o755, Size: uint64(s.size)}}
}

func (s *nas) answer(c transporttest.Call) []byte {
	switch c.Procedure {
	case mount3.ProcMnt:
		a, _ := mount3.ParseMntArgs(c.Args)
		if a.Path != "/export" {
			return mount3.AppendMntReply(nil, &mount3.MntReply{Status: mount3.StatusAcces})
		}
		return mount3.AppendMntReply(nil, &mount3.MntReply{Root: handle(1), Flavors: s.flavors})
	case mount3.ProcUmnt:
		return []byte{}
	case nfs3.ProcFsinfo:
		return nfs3.AppendFsinfoReply(nil, &nfs3.FsinfoReply{ReadMax: s.readMax, ReadPref: s.readMax})
	case nfs3.ProcGetattr:
		return nfs3.AppendGetattrReply(nil, &nfs3.GetattrReply{Attr: s.attr(nfs3.TypeDirectory).Attr})
	case nfs3.ProcLookup:
		a, _ := nfs3.ParseLookupArgs(c.Args)
		if a.Name == "link" {
			return nfs3.AppendLookupReply(nil, &nfs3.LookupReply{Object: handle(3), Attr: s.attr(nfs3.TypeSymlink)})
		}
		if a.Name != "file" {
			return nfs3.AppendLookupReply(nil, &nfs3.LookupReply{Status: nfs3.StatusNoEnt})
		}
		return nfs3.AppendLookupReply(nil, &nfs3.LookupReply{Object: handle(2), Attr: s.attr(nfs3.TypeRegular)})
	case nfs3.ProcReadlink:
		return nfs3.AppendReadlinkReply(nil, &nfs3.ReadlinkReply{Path: "file"})
	case nfs3.ProcReaddirplus:
		a, _ := nfs3.ParseReaddirplusArgs(c.Args)
		r := nfs3.ReaddirplusReply{EOF: a.Cookie == 1}
		if a.Cookie == 0 {
			r.Entries.Add(&nfs3.DirEntry{FileID: 7, Name: "file", Cookie: 1, Attr: s.attr(nfs3.TypeRegular)})
		} else {
			r.Entries.Add(&nfs3.DirEntry{FileID: 8, Name: "link", Cookie: 2})
		}
		return nfs3.AppendReaddirplusReply(nil, &r)
	case rpcbind.ProcGetPort:
		return rpcbind.AppendGetPortReply(nil, &rpcbind.GetPortReply{}) // it knows addresses only
	case rpcbind.ProcGetAddrV4:
		return rpcbind.AppendGetAddrReply(nil, &rpcbind.GetAddrReply{Addr: "127.0.0.1.8.1"})
	case nfs3.ProcAccess:
		a, _ := nfs3.ParseAccessArgs(c.Args)
		if s.access != nil {
			a.Access = s.access(a.Access)
		}
		return nfs3.AppendAccessReply(nil, &nfs3.AccessReply{Access: a.Access})
	}
	return nil
}

// honest is the reply of a good server, which answers with no more than it said
// it would.
func (r nfsRead) honest() []byte {
	off := int(min(r.args.Offset, uint64(r.size)))
	n := min(int(r.args.Count), int(r.readMax), r.size-off)
	return r.reply(n, off+n == r.size, content(off, n), r.attr(nfs3.TypeRegular))
}

// reply is a record that states n bytes and carries payload, padded.
func (r nfsRead) reply(n int, eof bool, payload []byte, attr nfs3.OptionalFattr) []byte {
	b := xdrwire.AppendReply(nil, r.XID, xdrwire.Success)
	b = nfs3.AppendReadReplyHead(b, &nfs3.ReadReply{Attr: attr, Count: uint32(n), EOF: eof, Length: uint32(n)})
	b = xdrwire.AppendFixed(b, payload)
	if r.fragment > 0 {
		return transporttest.Fragments(b, r.fragment)
	}
	return transporttest.Record(b)
}

func nfsFile(t testing.TB, s *nas, o *Options) *File {
	t.Helper()
	return open(t, dialTest(t, s.serve(t), o), "file")
}

// Whatever the size of the fragments, the bytes land in place; a second server
// mixes the sizes. Marks stand everywhere: in the head, in the payload, in the
// padding.
func TestNFSFragments(t *testing.T) {
	sizes := []int{1, 2, 3, 4, 5, 7, 8, 27, 28, 29, 100, 127, 128, 129, 131, 132, 133, 1000, 4095, 65532, 1 << 20}
	for _, size := range sizes {
		for _, plan := range []transport.Plan{transport.PlanExact, transport.PlanOverlap} {
			f := nfsFile(t, &nas{fragment: size}, &Options{Plan: plan})
			most := 200_000
			if size < 100 {
				most = 3000
			}
			seed := rand.Uint64()
			rnd := rand.New(rand.NewPCG(seed, 0))
			rounds := 20
			if raceEnabled {
				rounds = 5 // a fragment a byte takes its time
			}
			for range rounds {
				n, off := 1+rnd.IntN(most), rnd.IntN(fakeSize)
				block := bytes.Repeat([]byte{0xA5}, n+2)
				got, err := f.Readv(ctx, cut(rnd, block[1:n+1], 5), int64(off))
				want := content(off, min(n, fakeSize-off))
				if got != len(want) || err != nil && err != io.EOF || !bytes.Equal(block[1:1+got], want) || block[0] != 0xA5 || block[n+1] != 0xA5 {
					t.Fatalf("fragments of %d, plan %v, seed %d: read of %d at %d: %d, %v", size, plan, seed, n, off, got, err)
				}
			}
		}
	}
}

// Random vectored reads, many in flight, from a server that fragments as libtirpc
// does: marks stand inside the payload.
func TestNFSFragmentedRandomReads(t *testing.T) {
	count := 10_000
	switch {
	case raceEnabled:
		count = 1000
	case testing.Short():
		count = 250
	}
	f := nfsFile(t, &nas{fragment: 65532}, nil)
	verifyRandomReads(t, f.Volume(), f, content(0, fakeSize), count, 64)
}

// Fragments of 64 KiB, as libtirpc makes them: payload is still received in
// place.
func TestNFSFragmentsAreNotCopied(t *testing.T) {
	f := nfsFile(t, &nas{fragment: 65532}, &Options{Plan: transport.PlanExact})
	p := make([]byte, 512<<10)
	if n, err := f.ReadAt(p, 0); n != len(p) || err != nil || !bytes.Equal(p, content(0, len(p))) {
		t.Fatal(n, err)
	}
	if s := f.Volume().Stats(); s.CopiedBytes > 0 {
		t.Errorf("%d bytes copied", s.CopiedBytes)
	}
}

func TestNFSSplitsLargeReads(t *testing.T) {
	f := nfsFile(t, &nas{readMax: 10_000}, nil)
	p := make([]byte, 100_001)
	if n, err := f.Readv(ctx, [][]byte{p[:33_333], p[33_333:]}, 5); n != len(p) || err != nil || !bytes.Equal(p, content(5, len(p))) {
		t.Error(n, err)
	}
	if n, err := f.ReadAt(p, fakeSize-25_000); n != 25_000 || err != io.EOF || !bytes.Equal(p[:n], content(fakeSize-25_000, n)) {
		t.Error("across the end:", n, err)
	}
	if s := f.Volume().Stats(); s.Accepted < 11 {
		t.Errorf("%d calls", s.Accepted)
	}
	url := strings.Replace((&nas{}).serve(t), "?", "?rsize=1000&", 1)
	small := open(t, dialTest(t, url, nil), "file")
	if n, err := small.ReadAt(p[:10_000], 0); n != 10_000 || err != nil {
		t.Error("rsize=1000:", n, err)
	}
	if s := small.Volume().Stats(); s.Accepted < 10 {
		t.Errorf("rsize=1000: %d calls", s.Accepted)
	}
}

func TestNFSBadReplies(t *testing.T) {
	const n = 4096
	fail := func(status nfs3.Status) func(nfsRead) []byte {
		return func(r nfsRead) []byte {
			b := xdrwire.AppendReply(nil, r.XID, xdrwire.Success)
			return transporttest.Record(nfs3.AppendReadReplyHead(b, &nfs3.ReadReply{Status: status}))
		}
	}
	var reply *transport.ReplyError
	none := nfs3.OptionalFattr{}
	for _, c := range []struct {
		name  string
		reply func(r nfsRead) []byte
		is    func(error) bool
	}{
		{"count larger than asked", func(r nfsRead) []byte { return r.reply(n+4, false, make([]byte, n+4), none) }, func(err error) bool { return errors.Is(err, nfs3.ErrReadLength) }},
		{"payload shorter than count", func(r nfsRead) []byte { return r.reply(n, false, make([]byte, n-4), none) }, func(err error) bool { return errors.As(err, &reply) }},
		{"payload longer than count", func(r nfsRead) []byte { return r.reply(n-4, false, make([]byte, n), none) }, func(err error) bool { return errors.As(err, &reply) }},
		{"stale", fail(nfs3.StatusStale), func(err error) bool { return errors.Is(err, syscall.ESTALE) }},
		{"access", fail(nfs3.StatusAcces), func(err error) bool { return errors.Is(err, fs.ErrPermission) }},
		{"gone", fail(nfs3.StatusNoEnt), func(err error) bool { return errors.Is(err, fs.ErrNotExist) && !os.IsPermission(err) }},
		{"not the end and nothing there", func(r nfsRead) []byte { return r.reply(0, false, nil, none) }, func(err error) bool { return errors.Is(err, io.ErrNoProgress) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := nfsFile(t, &nas{read: func(r nfsRead) []byte {
				if r.args.Offset == 0 {
					return c.reply(r)
				}
				return r.honest()
			}}, &Options{Timeout: 10 * time.Second})
			block := bytes.Repeat([]byte{0xA5}, n+2)
			got, err := f.ReadAt(block[1:n+1], 0)
			if got != 0 || !c.is(err) {
				t.Error(got, err)
			}
			if block[0] != 0xA5 || block[n+1] != 0xA5 {
				t.Error("a byte outside the slice was written")
			}
			checkRead(t, f)
		})
	}
}

// Attributes are the server's to leave out: the payload starts earlier then.
func TestNFSWithoutAttributes(t *testing.T) {
	f := nfsFile(t, &nas{read: func(r nfsRead) []byte {
		n := int(r.args.Count)
		return r.reply(n, false, content(int(r.args.Offset), n), nfs3.OptionalFattr{})
	}}, nil)
	checkRead(t, f)
	for n := range 200 {
		p := make([]byte, n+1)
		if got, err := f.ReadAt(p, 3); got != len(p) || err != nil || !bytes.Equal(p, content(3, len(p))) {
			t.Fatalf("read of %d: %d, %v", len(p), got, err)
		}
	}
}

func TestNFSDialErrors(t *testing.T) {
	dial := func(url string) error {
		v, err := Dial(ctx, url, nil)
		if err == nil {
			v.Close()
		}
		return err
	}
	var flavor *nfs.FlavorError
	if err := dial((&nas{flavors: []uint32{390003}}).serve(t)); !errors.As(err, &flavor) {
		t.Error("Kerberos only:", err)
	}
	elsewhere := strings.Replace((&nas{}).serve(t), "/export", "/other/dir", 1)
	var refused *mount3.StatusError
	if err := dial(elsewhere); !errors.As(err, &refused) || !errors.Is(err, fs.ErrPermission) {
		t.Error("no such export:", err)
	}
	if err := dial(strings.Replace((&nas{}).serve(t), "/export", "/export/missing", 1)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("no such directory in the export:", err)
	}
	v := dialTest(t, (&nas{access: func(uint32) uint32 { return 0 }}).serve(t), nil)
	if _, err := v.Open(ctx, "file"); !errors.Is(err, fs.ErrPermission) {
		t.Error("no access:", err)
	}
	if f, err := Open(ctx, strings.Replace((&nas{}).serve(t), "/export", "/export/file", 1), nil); err != nil {
		t.Error(err)
	} else {
		checkRead(t, f)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
