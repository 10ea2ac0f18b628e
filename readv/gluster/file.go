package gluster

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// file is an open file: one descriptor on each link, since a brick keeps them by
// connection.
type file struct {
	volume *Volume
	gfid   gfs.GFID
	base   string
	on     []atomic.Pointer[descriptor] // by the link's index
}

// descriptor is what a brick knows an open file by.
type descriptor struct {
	conn *backend.Conn // on which it holds
	fd   int64
	err  error // there is none: the file could not be opened again
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
	f.on = make([]atomic.Pointer[descriptor], len(v.conns.All()))
	v.files.add(f)
	if err := f.openAll(ctx); err != nil {
		f.Close(ctx)
		return nil, err
	}
	return f, nil
}

// openAll gets the file's first descriptors: on all links that are up, of which
// there has to be one.
func (f *file) openAll(ctx context.Context) error {
	var down error
	opened := 0
	for _, l := range f.volume.conns.All() {
		err := f.openFirst(ctx, l)
		var lost *transport.ConnError
		switch {
		case err == nil:
			opened++
		case errors.As(err, &lost):
			down = err
		default:
			return err
		}
	}
	if opened == 0 {
		return down
	}
	return nil
}

// openFirst gets the file's first descriptor on a link. On one that is down it is
// one that brick.Renew replaces; the error is that of the connection then.
func (f *file) openFirst(ctx context.Context, l *backend.Link) error {
	at := &f.on[l.Index()]
	var lost error
	for {
		had := at.Load()
		c := l.Conn()
		if had != nil && had.conn == c {
			return errors.Join(had.err, lost)
		}
		// From the time that there is a descriptor, brick.Renew keeps it up
		// with the link's connection; one that came before that shows in the
		// next turn.
		lost = nil
		if err := f.openOn(ctx, l, c, had); err != nil {
			if c.Err() == nil {
				return err
			}
			lost = err
			f.put(ctx, l, had, &descriptor{conn: c})
		}
	}
}

// openOn gets a descriptor on a connection that is the link's or is to be, for the
// one that there was. OPEN checks the reader's access and keeps an unlinked file
// alive; a READ without it does neither. What the brick says of the file is kept in
// the descriptor; an error means that it says nothing.
func (f *file) openOn(ctx context.Context, l *backend.Link, c *backend.Conn, had *descriptor) error {
	v := f.volume
	d := &descriptor{conn: c}
	d.fd, d.err = v.open(ctx, c, gfs.OpOpen, gfs.AppendOpenArgs(v.version, nil, &gfs.OpenArgs{GFID: f.gfid, Flags: syscall.O_RDONLY}))
	var said *gfs.StatusError
	if d.err != nil && !errors.As(d.err, &said) {
		return d.err
	}
	f.put(ctx, l, had, d)
	return nil
}

// put puts a descriptor in another's place, unless the file has been closed or
// somebody else was faster.
func (f *file) put(ctx context.Context, l *backend.Link, had, d *descriptor) {
	if !f.on[l.Index()].CompareAndSwap(had, d) && d.err == nil {
		// If this fails, too, the descriptor goes with the connection.
		_ = f.volume.release(ctx, d.conn, gfs.OpRelease, f.gfid, d.fd)
	}
}

// renewTries is how often a brick is asked for a new descriptor that says nothing
// of the file: its answer was damaged, or took too long.
const renewTries = 3

// renewOn gets a descriptor on the link's new connection. The error is that of the
// connection or the context; another, after some tries, is what reads of the file
// fail with.
func (f *file) renewOn(ctx context.Context, l *backend.Link, c *backend.Conn) error {
	for tries := renewTries; ; tries-- {
		had := f.on[l.Index()].Load()
		if had == nil || had.conn == c {
			return nil // being opened or closed, or done
		}
		err := f.openOn(ctx, l, c, had)
		switch {
		case err == nil:
		case c.Err() != nil || ctx.Err() != nil:
			return err
		case tries == 1:
			f.put(ctx, l, had, &descriptor{conn: c, err: err})
		}
	}
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
	d := f.on[v.conns.Any().Index()].Load()
	if d.err != nil {
		return backend.Attr{}, d.err
	}
	a := gfs.FstatArgs{GFID: f.gfid, FD: d.fd}
	body, err := v.fop(ctx, d.conn, gfs.OpFstat, gfs.AppendFstatArgs(v.version, nil, &a))
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
	f.volume.files.remove(f)
	var errs []error
	for i := range f.on {
		d := f.on[i].Swap(nil) // so that it is given back once
		if d == nil || d.err != nil {
			continue
		}
		err := f.volume.release(ctx, d.conn, gfs.OpRelease, f.gfid, d.fd)
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
	d := f.on[v.conns.Pick(ring, size).Index()].Load()
	if d.err != nil {
		return d.err
	}
	c := &r.Call
	c.Conn = d.conn.Conn
	c.Procedure = gfs.FOP(v.version, gfs.OpRead)
	c.Cred = v.rpc.Cred
	c.Args = gfs.AppendReadArgs(v.version, r.Args[:0], f.gfid, d.fd, uint64(off), uint32(size), 0)
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
