package nfs

import (
	"context"
	"path"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// node is what a name stands for.
type node struct {
	handle nfs3.FileHandle
	attr   nfs3.Fattr
}

// IsDir and IsLink implement backend.Node.
func (n node) IsDir() bool  { return n.attr.Type == nfs3.TypeDirectory }
func (n node) IsLink() bool { return n.attr.Type == nfs3.TypeSymlink }

// attrOf turns a server's attributes into what users see.
func attrOf(base string, a nfs3.Fattr) backend.Attr {
	return backend.Attr{
		Base: base, Bytes: backend.FileSize(a.Size), Bits: backend.UnixMode(a.UnixMode()),
		Changed: a.Mtime.Time(), Native: &a,
	}
}

// walk finds what a clean name stands for.
func (v *Volume) walk(ctx context.Context, name string) (node, error) {
	return backend.Walk(ctx, v, v.root, name)
}

// Lookup implements backend.Tree.
func (v *Volume) Lookup(ctx context.Context, dir node, name string) (node, error) {
	args := nfs3.LookupArgs{Dir: dir.handle, Name: name}
	body, err := v.call(ctx, nfs3.ProcLookup, nfs3.AppendLookupArgs(nil, &args))
	if err != nil {
		return node{}, err
	}
	r, err := nfs3.ParseLookupReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	if err != nil {
		return node{}, err
	}
	n := node{handle: r.Object, attr: r.Attr.Attr}
	if !r.Attr.Present {
		n.attr, err = v.getattr(ctx, n.handle)
	}
	return n, err
}

// Readlink implements backend.Tree.
func (v *Volume) Readlink(ctx context.Context, link node) (string, error) {
	args := nfs3.ReadlinkArgs{Link: link.handle}
	body, err := v.call(ctx, nfs3.ProcReadlink, nfs3.AppendReadlinkArgs(nil, &args))
	if err != nil {
		return "", err
	}
	r, err := nfs3.ParseReadlinkReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	return r.Path, err
}

func (v *Volume) getattr(ctx context.Context, h nfs3.FileHandle) (nfs3.Fattr, error) {
	args := nfs3.GetattrArgs{Object: h}
	body, err := v.call(ctx, nfs3.ProcGetattr, nfs3.AppendGetattrArgs(nil, &args))
	if err != nil {
		return nfs3.Fattr{}, err
	}
	r, err := nfs3.ParseGetattrReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	return r.Attr, err
}

// Stat implements backend.Volume.
func (v *Volume) Stat(ctx context.Context, name string) (backend.Attr, error) {
	n, err := v.walk(ctx, name)
	if err != nil {
		return backend.Attr{}, err
	}
	return attrOf(path.Base(name), n.attr), nil
}
