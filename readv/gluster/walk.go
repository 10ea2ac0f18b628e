package gluster

import (
	"context"
	"strings"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// node is what a name stands for.
type node struct {
	gfid gfs.GFID
	stat gfs.Iatt
}

func (n node) IsDir() bool  { return n.stat.Mode&syscall.S_IFMT == syscall.S_IFDIR }
func (n node) IsLink() bool { return n.stat.Mode&syscall.S_IFMT == syscall.S_IFLNK }

func (n node) attr(base string) backend.Attr {
	return backend.Attr{
		Base: base, Bytes: backend.FileSize(n.stat.Size), Bits: backend.UnixMode(n.stat.Mode),
		Changed: n.stat.Mtime.Time(), Native: &n.stat,
	}
}

// walk finds what a clean name stands for.
func (v *Volume) walk(ctx context.Context, name string) (node, error) {
	return backend.Walk(ctx, v, v.root, name)
}

// Lookup implements backend.Tree.
func (v *Volume) Lookup(ctx context.Context, dir node, name string) (node, error) {
	return v.lookup(ctx, gfs.LookupArgs{Parent: dir.gfid, Name: name})
}

func (v *Volume) lookup(ctx context.Context, a gfs.LookupArgs) (node, error) {
	body, err := v.fop(ctx, v.conns.Any().Conn(), gfs.OpLookup, gfs.AppendLookupArgs(v.version, nil, &a))
	if err != nil {
		return node{}, err
	}
	r, err := gfs.ParseLookupReply(v.version, body)
	if err == nil {
		err = r.Err()
	}
	return node{gfid: r.Stat.GFID, stat: r.Stat}, err
}

// maxLinkBytes is the longest target asked for (PATH_MAX).
const maxLinkBytes = 4096

// Readlink implements backend.Tree.
func (v *Volume) Readlink(ctx context.Context, link node) (string, error) {
	a := gfs.ReadlinkArgs{GFID: link.gfid, Size: maxLinkBytes}
	body, err := v.fop(ctx, v.conns.Any().Conn(), gfs.OpReadlink, gfs.AppendReadlinkArgs(v.version, nil, &a))
	if err != nil {
		return "", err
	}
	r, err := gfs.ParseReadlinkReply(v.version, body)
	if err == nil {
		err = r.Err()
	}
	return r.Path, err
}

// Stat implements backend.Volume.
func (v *Volume) Stat(ctx context.Context, name string) (backend.Attr, error) {
	n, err := v.walk(ctx, name)
	if err != nil {
		return backend.Attr{}, err
	}
	return n.attr(baseName(name)), nil
}

func baseName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
