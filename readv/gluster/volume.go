// Package gluster reads from GlusterFS volumes: it asks glusterd for the
// volfile, finds the brick, binds connections to it and speaks the file
// operations (versions 400 and 330). Users reach it through package readv.
//
// Volumes of one brick are read, with any performance translators on top. Every
// other kind is refused with an [UnsupportedVolumeError] that names what is not
// understood: a wrong guess about where bytes are would return wrong data.
package gluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// Options shape a Volume. The zero value works.
type Options struct {
	// UID, GID and Groups are who reads; the brick checks access by them.
	UID, GID uint32
	Groups   []uint32
	// Timeout bounds every call but reads, in addition to its context; 0
	// means no bound.
	Timeout time.Duration
	// Dial makes the connections to glusterds; nil means a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Volume is a connected volume.
type Volume struct {
	rpc     backend.RPC
	conns   *backend.Conns
	version uint32
	root    node
	files   files
}

// maxReadBytes is the most that one READ asks for: enough to make the call
// cheap, little enough for the brick to answer from one buffer.
const maxReadBytes = 4 << 20

// Dial connects to a volume by the given connections, of which there are none
// yet. Names are relative to the location's path.
func Dial(ctx context.Context, conns *backend.Conns, l Location, o Options) (*Volume, error) {
	who := xdrwire.GlusterCred{PID: int32(os.Getpid()), UID: o.UID, GID: o.GID, Groups: o.Groups}
	v2, err := xdrwire.NewAuthGlusterV2(who)
	if err != nil {
		return nil, fmt.Errorf("gluster: credentials: %w", err)
	}
	v := &Volume{rpc: backend.RPC{Cred: v2, Timeout: o.Timeout}, conns: conns}
	s := session{v.rpc, conns.Engines()[0], transport.ConnOptions{Dial: o.Dial}}
	if err := v.connect(ctx, s, l); err != nil {
		return nil, err
	}
	if v.version == gfs.V400 {
		if v.rpc.Cred, err = xdrwire.NewAuthGlusterV3(who); err != nil {
			return nil, fmt.Errorf("gluster: credentials: %w", err)
		}
	}
	if err := v.findRoot(ctx, l.Path); err != nil {
		return nil, err
	}
	return v, nil
}

// connect finds the volume's brick and makes the connections to it.
func (v *Volume) connect(ctx context.Context, s session, l Location) error {
	spec, err := s.volfile(ctx, l.Server, l.Volume)
	if err != nil {
		return err
	}
	top, err := parseVolfile(spec)
	if err != nil {
		return err
	}
	client, err := brickOf(l.Volume, top)
	if err != nil {
		return err
	}
	b := &brick{session: s, volume: v, client: client, server: l.Server}
	if err := v.conns.Connect(ctx, b); err != nil {
		return err
	}
	v.version = b.version
	return nil
}

// findRoot makes the location's path what names are relative to.
func (v *Volume) findRoot(ctx context.Context, path string) error {
	top, err := v.lookup(ctx, gfs.LookupArgs{GFID: gfs.RootGFID})
	if err == nil {
		v.root, err = backend.Walk(ctx, v, top, path)
	}
	if err != nil {
		return fmt.Errorf("gluster: looking up /%s: %w", path, err)
	}
	return nil
}

// Leave implements backend.Volume: bricks notice by themselves.
func (v *Volume) Leave() {}

// MaxRead implements backend.Volume.
func (v *Volume) MaxRead() int { return maxReadBytes }

// fop runs one file operation on a connection.
func (v *Volume) fop(ctx context.Context, conn *backend.Conn, op uint32, args []byte) ([]byte, error) {
	return v.rpc.Call(ctx, conn, gfs.FOP(v.version, op), args)
}
