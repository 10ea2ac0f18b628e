// Package nfs reads from NFS version 3 servers (RFC 1813): it asks rpcbind for
// the ports, MOUNT for the first handle, and speaks the reading half of NFS with
// AUTH_SYS credentials. Users reach it through package readv.
package nfs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// Options shape a Volume. The zero value works. What the URL says wins.
type Options struct {
	// Conn is for the connections to rpcbind and MOUNT.
	Conn transport.ConnOptions
	// UID, GID and Groups are who reads; the server checks access by them,
	// and may make root nobody.
	UID, GID uint32
	Groups   []uint32
	// Timeout bounds every call but reads, in addition to its context; 0
	// means no bound.
	Timeout time.Duration
}

// Volume is a mounted directory tree.
type Volume struct {
	rpc     backend.RPC
	mount   mount
	conns   *backend.Conns
	root    node
	maxRead int
}

// maxReadBytes is the most that one READ asks for, whatever the server allows.
const maxReadBytes = 4 << 20

// minReadBytes is what one READ asks for at least, even of a server that says that
// it answers less: it does, then, and the rest is asked for. Else one that says a
// byte would have a large read cut into millions of calls.
const minReadBytes = 4 << 10

// Dial mounts the location's directory and connects by the given connections, of
// which there are none yet. Names are relative to the directory.
func Dial(ctx context.Context, conns *backend.Conns, l Location, o Options) (*Volume, error) {
	l.override(&o)
	host, _ := os.Hostname()
	cred := xdrwire.NewAuthSys(rand.Uint32(), host, o.UID, o.GID, o.Groups)
	v := &Volume{rpc: backend.RPC{Cred: cred, Timeout: o.Timeout}, conns: conns}
	v.mount = mount{rpc: &v.rpc, engine: conns.Engines()[0], server: l.Server, port: l.MountPort, conn: o.Conn}
	if err := v.connect(ctx, l); err != nil {
		v.Leave()
		return nil, err
	}
	return v, nil
}

// override applies what the URL says of the options.
func (l *Location) override(o *Options) {
	if l.UID != nil {
		o.UID = *l.UID
	}
	if l.GID != nil {
		o.GID = *l.GID
	}
}

func (v *Volume) connect(ctx context.Context, l Location) error {
	dir := directory{rpc: &v.rpc, engine: v.mount.engine, server: l.Server, conn: v.mount.conn}
	if v.mount.port == 0 {
		var err error
		if v.mount.port, err = dir.find(ctx, mountService); err != nil {
			return err
		}
	}
	handle, rest, err := v.mount.find(ctx, l.Path)
	if err != nil {
		return err
	}
	if err := v.conns.Connect(ctx, &server{directory: dir, fixed: l.NFSPort}); err != nil {
		return err
	}
	if err := v.limits(ctx, handle, l.ReadBytes); err != nil {
		return err
	}
	top := node{handle: handle}
	if top.attr, err = v.getattr(ctx, handle); err == nil {
		v.root, err = backend.Walk(ctx, v, top, rest)
	}
	if err != nil {
		return fmt.Errorf("nfs: looking up %s on %s: %w", l.Path, l.Server, err)
	}
	return nil
}

// limits asks how much one READ may ask for. A server answers a larger one with
// fewer bytes than asked, so that reads are cut to that size here.
func (v *Volume) limits(ctx context.Context, root nfs3.FileHandle, wanted *uint32) error {
	args := nfs3.FsinfoArgs{Root: root}
	body, err := v.call(ctx, nfs3.ProcFsinfo, nfs3.AppendFsinfoArgs(nil, &args))
	if err != nil {
		return fmt.Errorf("nfs: asking for the server's limits: %w", err)
	}
	r, err := nfs3.ParseFsinfoReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	if err != nil {
		return fmt.Errorf("nfs: asking for the server's limits: %w", err)
	}
	most := uint32(maxReadBytes)
	if r.ReadMax > 0 {
		most = min(most, max(r.ReadMax, minReadBytes))
	}
	if wanted != nil {
		most = min(most, *wanted)
	}
	v.maxRead = int(most)
	return nil
}

// MaxRead implements backend.Volume.
func (v *Volume) MaxRead() int { return v.maxRead }

// Leave implements backend.Volume.
func (v *Volume) Leave() { v.mount.release() }

// call makes one call to the NFS program.
func (v *Volume) call(ctx context.Context, p xdrwire.Procedure, args []byte) ([]byte, error) {
	return v.rpc.Call(ctx, v.conns.Any().Conn(), p, args)
}
