package readv

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// brick is a scripted GlusterFS server, glusterd and brick in one: its handshake
// is honest, its reads are what a test wants. Its one file is called "file", and
// "link" leads there.
type brick struct {
	version  uint32                                     // of the file operations; 0 means 400
	size     int                                        // of the file
	versions []uint32                                   // what DUMP says; nil means version
	read     func(p *transporttest.Peer, r readCall)    // nil answers honestly
	conn     func(p *transporttest.Peer) (gone bool)    // at the start of each connection
	released *atomic.Int32                              // counts RELEASE
	setvol   func(gfs.SetVolumeArgs) gfs.SetVolumeReply // nil accepts
	opened   func(conn int64) error                     // nil opens; a *gfs.StatusError, or errNoResult
	portmap  bool                                       // the port is not in the volfile
	bend     func(transporttest.Call, []byte) []byte    // has the last word on every record; nil leaves them
	after    func(transporttest.Call) (gone bool)       // of every call that is no read; nil goes on

	conns atomic.Int64 // made so far; the number is its descriptors', too
	asked atomic.Int64 // calls of the portmapper
}

// errnos as they are on the wire: Linux's.
const (
	wireENOENT = 2
	wireEBADF  = 9
	wireEAGAIN = 11
	wireEACCES = 13
	wireEINVAL = 22
	wireESTALE = 116
)

// errNoResult has the RPC layer refuse a call.
var errNoResult = errors.New("no result")

type readCall struct {
	transporttest.Call
	*brick
	off  int
	size int
}

var fileGFID, linkGFID = gfs.GFID{15: 7}, gfs.GFID{15: 8}

// content is byte i of the file.
func content(off, n int) []byte {
	p := make([]byte, n)
	const step = 0x9E3779B97F4A7C15
	x := uint64(off) * step
	for i := range p {
		p[i] = byte(x >> 56)
		x += step
	}
	return p
}

func (b *brick) serve(t testing.TB) string {
	t.Helper()
	if b.version == 0 {
		b.version = gfs.V400
	}
	if b.versions == nil {
		b.versions = []uint32{b.version}
	}
	var s *transporttest.Server
	address := make(chan string, 1)
	s = transporttest.Serve(t, func(p *transporttest.Peer) {
		if b.conn != nil && b.conn(p) {
			return
		}
		a := <-address
		address <- a
		b.script(p, a)
	})
	address <- s.Address()
	return "gluster://" + s.Address() + "/vol"
}

func (b *brick) script(p *transporttest.Peer, address string) {
	number := b.conns.Add(1)
	for {
		c, err := p.Call()
		if err != nil {
			return
		}
		if c.Procedure == gfs.FOP(b.version, gfs.OpRead) {
			a, err := gfs.ParseReadArgs(b.version, c.Args)
			if err != nil {
				return
			}
			r := readCall{c, b, int(a.Offset), int(a.Size)}
			switch {
			case a.FD != number: // opened on another connection
				p.Write(transporttest.Accepted(r.XID, r.head(-1, wireEBADF, 0)))
			case b.read == nil:
				b.write(p, c, r.honest())
			default:
				b.read(p, r)
			}
			continue
		}
		result := b.answer(c, address, number)
		if result == nil {
			p.Write(transporttest.Record(xdrwire.AppendReply(nil, c.XID, xdrwire.ProcUnavail)))
			continue
		}
		b.write(p, c, transporttest.Accepted(c.XID, result))
		if b.after != nil && b.after(c) {
			return
		}
	}
}

func (b *brick) write(p *transporttest.Peer, c transporttest.Call, record []byte) {
	if b.bend != nil {
		record = b.bend(c, record)
	}
	p.Write(record)
}

func (b *brick) stat(gfid gfs.GFID, mode uint32) gfs.Iatt {
	return gfs.Iatt{GFID: gfid, Mode: mode, Size: uint64(b.size)}
}

// answer gives the result of everything but reads.
func (b *brick) answer(c transporttest.Call, address string, conn int64) []byte {
	switch c.Procedure {
	case gfs.ProcGetSpec:
		host, port, _ := net.SplitHostPort(address)
		if b.portmap {
			port = ""
		}
		spec := fmt.Sprintf("volume c\ntype protocol/client\noption remote-host %s\noption remote-port %s\noption remote-subvolume /b\nend-volume\n", host, port)
		return gfs.AppendGetSpecReply(nil, &gfs.GetSpecReply{Result: gfs.Result{Ret: int32(len(spec))}, Spec: spec})
	case gfs.ProcPortByBrick:
		b.asked.Add(1)
		_, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		return gfs.AppendPortByBrickReply(nil, &gfs.PortByBrickReply{Port: int32(n)})
	case gfs.ProcDump:
		r := gfs.DumpReply{}
		for _, v := range b.versions {
			r.Programs = append(r.Programs, gfs.Program{Name: "fop", Prog: gfs.ProgFOP, Vers: uint64(v)})
		}
		return gfs.AppendDumpReply(nil, &r)
	case gfs.ProcSetVolume:
		r := gfs.SetVolumeReply{Result: gfs.Result{Errno: wireEINVAL}}
		if b.setvol != nil {
			a, _ := gfs.ParseSetVolumeArgs(c.Args)
			r = b.setvol(a)
		}
		return gfs.AppendSetVolumeReply(nil, &r)
	}
	switch c.Procedure.Proc {
	case gfs.OpLookup:
		a, err := gfs.ParseLookupArgs(b.version, c.Args)
		if err != nil {
			return nil
		}
		r := gfs.LookupReply{Stat: b.stat(gfs.RootGFID, syscall.S_IFDIR|0o755)}
		switch a.Name {
		case "":
		case "link":
			r.Stat = b.stat(linkGFID, syscall.S_IFLNK|0o777)
		default:
			r.Stat = b.stat(fileGFID, syscall.S_IFREG|0o644)
		}
		return gfs.AppendLookupReply(b.version, nil, &r)
	case gfs.OpOpen:
		if b.opened != nil {
			if err := b.opened(conn); err == errNoResult {
				return nil
			} else if err != nil {
				return gfs.AppendOpenReply(b.version, nil, &gfs.OpenReply{Result: gfs.Result{Ret: -1, Errno: err.(*gfs.StatusError).Errno}})
			}
		}
		return gfs.AppendOpenReply(b.version, nil, &gfs.OpenReply{FD: conn})
	case gfs.OpReadlink:
		return gfs.AppendReadlinkReply(b.version, nil, &gfs.ReadlinkReply{Result: gfs.Result{Ret: 4}, Path: "file"})
	case gfs.OpOpendir:
		return gfs.AppendOpenReply(b.version, nil, &gfs.OpenReply{FD: conn})
	case gfs.OpReaddirp:
		a, err := gfs.ParseReaddirpArgs(b.version, c.Args)
		if err != nil {
			return nil
		}
		r := gfs.ReaddirpReply{}
		if a.Offset == 0 {
			r.Ret = 2
			r.Entries = []gfs.DirEntry{
				{Ino: 1, Offset: 1, Type: syscall.S_IFREG >> 12, Name: "file", Stat: b.stat(fileGFID, syscall.S_IFREG|0o644), Dict: gfs.Dict{{Key: "k", Value: gfs.StringValue("v")}}},
				{Ino: 2, Offset: 2, Type: syscall.S_IFLNK >> 12, Name: "link"},
			}
		}
		return gfs.AppendReaddirpReply(b.version, nil, &r)
	case gfs.OpReleasedir:
		return gfs.AppendReleaseReply(b.version, nil, &gfs.ReleaseReply{})
	case gfs.OpFstat:
		return gfs.AppendStatReply(b.version, nil, &gfs.StatReply{Stat: b.stat(fileGFID, syscall.S_IFREG|0o644)})
	case gfs.OpRelease:
		if b.released != nil {
			b.released.Add(1)
		}
		return gfs.AppendReleaseReply(b.version, nil, &gfs.ReleaseReply{})
	}
	return nil
}

// honest is the reply a real brick would give.
func (r readCall) honest() []byte {
	n := max(0, min(r.size, r.brick.size-r.off))
	errno := int32(0)
	if r.off+n >= r.brick.size {
		errno = wireENOENT
	}
	return transporttest.Accepted(r.XID, r.head(int32(n), errno, uint32(n)), content(r.off, n))
}

// head is the head of a reply that states what it is told to.
func (r readCall) head(ret, errno int32, size uint32) []byte {
	b := gfs.AppendReadReply(r.version, nil, &gfs.ReadReply{Result: gfs.Result{Ret: ret, Errno: errno}, Size: size})
	return b
}
