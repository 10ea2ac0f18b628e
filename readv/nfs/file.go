package nfs

import (
	"context"
	"path"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// file is an open file: NFSv3 has no descriptors, so that it is a handle.
type file struct {
	volume *Volume
	handle nfs3.FileHandle
	base   string
}

// Open implements backend.Volume. ACCESS tells early what the first read would:
// that the reader may not.
func (v *Volume) Open(ctx context.Context, name string) (backend.File, error) {
	n, err := v.walk(ctx, name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return nil, syscall.EISDIR
	}
	if n.attr.Type != nfs3.TypeRegular {
		return nil, syscall.EINVAL
	}
	args := nfs3.AccessArgs{Object: n.handle, Access: nfs3.AccessRead}
	body, err := v.call(ctx, nfs3.ProcAccess, nfs3.AppendAccessArgs(nil, &args))
	if err != nil {
		return nil, err
	}
	r, err := nfs3.ParseAccessReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	if err == nil && r.Access&nfs3.AccessRead == 0 {
		err = nfs3.StatusAcces.Err()
	}
	if err != nil {
		return nil, err
	}
	return &file{volume: v, handle: n.handle, base: path.Base(name)}, nil
}

// Stat implements backend.File.
func (f *file) Stat(ctx context.Context) (backend.Attr, error) {
	a, err := f.volume.getattr(ctx, f.handle)
	if err != nil {
		return backend.Attr{}, err
	}
	return attrOf(f.base, a), nil
}

// Close implements backend.File.
func (f *file) Close(context.Context) error { return nil }

// Prepare implements backend.File.
func (f *file) Prepare(r *backend.Read, ring int, off int64, size int) error {
	v := f.volume
	c := &r.Call
	c.Conn = v.conns.Pick(ring, size).Conn().Conn
	c.Procedure = nfs3.ProcRead
	c.Cred = v.rpc.Cred
	c.Args = nfs3.AppendReadArgs(r.Args[:0], f.handle, uint64(off), uint32(size))
	r.Layout = readLayout{}
	return nil
}

// readLayout is the head of READ's reply.
type readLayout struct{}

// UsualHead implements backend.Layout.
func (readLayout) UsualHead() int { return nfs3.ReadHeadBytes }

// Head implements backend.Layout. Nothing that the server says is believed
// before it agrees with itself and with what was asked.
func (readLayout) Head(r *backend.Read, b []byte, size int) (head, payload int, err error) {
	h, n, err := nfs3.ParseReadReplyHead(b)
	if err == xdrwire.ErrShort {
		return n, 0, err
	}
	if err == nil {
		err = h.Status.Err()
	}
	if err == nil {
		err = h.Check(uint32(r.Asked))
	}
	if err != nil {
		return 0, 0, err
	}
	r.EOF = h.EOF
	return n, int(h.Length), nil
}
