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
	"os"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// Options shape a Volume. The zero value works.
type Options struct {
	// Conns is the number of connections to each brick; fewer than engines
	// means one for each engine.
	Conns int
	// Conn is passed on to each of them.
	Conn transport.ConnOptions
	// UID, GID and Groups are who reads; the brick checks access by them.
	UID, GID uint32
	Groups   []uint32
	// Timeout bounds every call but reads, in addition to its context; 0
	// means no bound.
	Timeout time.Duration
}

// Volume is a connected volume.
type Volume struct {
	rpc     backend.RPC
	conns   backend.Conns
	version uint32
	root    node
}

// maxReadBytes is the most that one READ asks for: enough to make the call
// cheap, little enough for the brick to answer from one buffer.
const maxReadBytes = 4 << 20

// Dial connects to a volume; its connections are dealt over the engines, of which
// there is at least one. Names are relative to the location's path.
func Dial(ctx context.Context, engines []*transport.Engine, l Location, o Options) (*Volume, error) {
	who := xdrwire.GlusterCred{PID: int32(os.Getpid()), UID: o.UID, GID: o.GID, Groups: o.Groups}
	v2, err := xdrwire.NewAuthGlusterV2(who)
	if err != nil {
		return nil, fmt.Errorf("gluster: credentials: %w", err)
	}
	v := &Volume{rpc: backend.RPC{Cred: v2, Timeout: o.Timeout}}
	if err := v.connect(ctx, engines, l, o); err != nil {
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

func (v *Volume) connect(ctx context.Context, engines []*transport.Engine, l Location, o Options) error {
	s := &session{v.rpc, engines[0], o.Conn}
	glusterd, err := s.glusterd(ctx, l.Server)
	if err != nil {
		return fmt.Errorf("gluster: connecting to glusterd: %w", err)
	}
	defer glusterd.Close()
	spec, err := s.volfile(ctx, glusterd, l.Volume)
	if err != nil {
		return err
	}
	top, err := parseVolfile(spec)
	if err != nil {
		return err
	}
	brick, err := brickOf(l.Volume, top)
	if err != nil {
		return err
	}
	address, err := s.address(ctx, brick, glusterd, l.Server)
	if err != nil {
		return err
	}
	return v.conns.Connect(engines, o.Conns, func(e *transport.Engine) (c *backend.Conn, err error) {
		c, v.version, err = s.connect(ctx, e, address, brick, o.Conn)
		return c, err
	})
}

// Leave implements backend.Volume: bricks notice by themselves.
func (v *Volume) Leave() {}

// MaxRead implements backend.Volume.
func (v *Volume) MaxRead() int { return maxReadBytes }

// fop runs one file operation on a connection.
func (v *Volume) fop(ctx context.Context, conn *backend.Conn, op uint32, args []byte) ([]byte, error) {
	return v.rpc.Call(ctx, conn, gfs.FOP(v.version, op), args)
}
