package gluster

import (
	"context"
	"errors"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// file is an open file: one descriptor on each connection, since a brick keeps
// them by connection.
type file struct {
	volume *Volume
	gfid   gfs.GFID
	base   string
	fds    []int64 // by the connection's index
}

// Open implements backend.Volume.
func (v *Volume) Open(ctx context.Context, name string) (backend.File, error) {
	n, err := v.walk(ctx, name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return nil, syscall.EISDIR
	}
	if n.stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return nil, syscall.EINVAL
	}
	f := &file{volume: v, gfid: n.gfid, base: baseName(name)}
	for _, c := range v.conns.All() {
		// OPEN checks the reader's access and keeps an unlinked file alive;
		// a READ without it does neither.
		fd, err := v.open(ctx, c, gfs.OpOpen, gfs.AppendOpenArgs(v.version, nil, &gfs.OpenArgs{GFID: n.gfid, Flags: syscall.O_RDONLY}))
		if err != nil {
			f.Close(ctx)
			return nil, err
		}
		f.fds = append(f.fds, fd)
	}
	return f, nil
}

func (v *Volume) open(ctx context.Context, conn *backend.Conn, op uint32, args []byte) (int64, error) {
	body, err := v.fop(ctx, conn, op, args)
	if err != nil {
		return 0, err
	}
	r, err := gfs.ParseOpenReply(v.version, body)
	if err == nil {
		err = r.Err()
	}
	return r.FD, err
}

func (v *Volume) release(ctx context.Context, conn *backend.Conn, op uint32, gfid gfs.GFID, fd int64) error {
	a := gfs.ReleaseArgs{GFID: gfid, FD: fd}
	_, err := v.fop(ctx, conn, op, gfs.AppendReleaseArgs(v.version, nil, &a))
	return err
}

// Stat implements backend.File.
func (f *file) Stat(ctx context.Context) (backend.Attr, error) {
	v := f.volume
	c := v.conns.Any()
	a := gfs.FstatArgs{GFID: f.gfid, FD: f.fds[c.Index()]}
	body, err := v.fop(ctx, c, gfs.OpFstat, gfs.AppendFstatArgs(v.version, nil, &a))
	if err != nil {
		return backend.Attr{}, err
	}
	r, err := gfs.ParseStatReply(v.version, body)
	if err == nil {
		err = r.Err()
	}
	if err != nil {
		return backend.Attr{}, err
	}
	return node{gfid: f.gfid, stat: r.Stat}.attr(f.base), nil
}

// Close implements backend.File. A descriptor goes with its connection: one that
// has ended needs no RELEASE.
func (f *file) Close(ctx context.Context) error {
	var errs []error
	for i, fd := range f.fds {
		err := f.volume.release(ctx, f.volume.conns.All()[i], gfs.OpRelease, f.gfid, fd)
		var ended *transport.ConnError
		if err != nil && !errors.As(err, &ended) && !errors.Is(err, transport.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Prepare implements backend.File.
func (f *file) Prepare(r *backend.Read, ring int, off int64, size int) error {
	v := f.volume
	conn := v.conns.Pick(ring, size)
	c := &r.Call
	c.Conn = conn.Conn
	c.Procedure = gfs.FOP(v.version, gfs.OpRead)
	c.Cred = v.rpc.Cred
	c.Args = gfs.AppendReadArgs(v.version, r.Args[:0], f.gfid, f.fds[conn.Index()], uint64(off), uint32(size), 0)
	r.Layout = &layoutV400
	if v.version == gfs.V330 {
		r.Layout = &layoutV330
	}
	return nil
}

// readLayout is the head of READ's reply in one version.
type readLayout struct {
	version   uint32
	usualHead int
}

var (
	layoutV400 = readLayout{gfs.V400, gfs.ReadHeadBytesV400}
	layoutV330 = readLayout{gfs.V330, gfs.ReadHeadBytesV330}
)

// UsualHead implements backend.Layout.
func (l *readLayout) UsualHead() int { return l.usualHead }

// Head implements backend.Layout. Nothing that the brick says is believed before
// it agrees with itself and with what was asked.
func (l *readLayout) Head(r *backend.Read, b []byte, size int) (head, payload int, err error) {
	h, n, err := gfs.ParseReadReplyHead(l.version, b)
	if err == xdrwire.ErrShort {
		return n, 0, err
	}
	if err != nil {
		return 0, 0, err
	}
	if err := h.Result().Err(); err != nil {
		return 0, 0, err
	}
	payload = int(h.Size)
	if size >= 0 {
		payload = size - n
	}
	if err := h.Check(uint32(r.Asked), payload); err != nil {
		return 0, 0, err
	}
	r.EOF = h.EOF()
	return n, payload, nil
}
