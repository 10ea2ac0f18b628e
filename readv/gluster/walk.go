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

func (n node) isDir() bool  { return n.stat.Mode&syscall.S_IFMT == syscall.S_IFDIR }
func (n node) isLink() bool { return n.stat.Mode&syscall.S_IFMT == syscall.S_IFLNK }

func (n node) attr(base string) backend.Attr {
	return backend.Attr{
		Base: base, Bytes: int64(n.stat.Size), Bits: backend.UnixMode(n.stat.Mode),
		Changed: n.stat.Mtime.Time(), Native: &n.stat,
	}
}

// maxLinks is how many symbolic links one name may lead through, as in Linux.
const maxLinks = 40

// walk finds what a clean name stands for, element by element, following
// symbolic links. Absolute links and ".." stay within the volume's root.
func (v *Volume) walk(ctx context.Context, name string) (node, error) {
	root := v.root
	if root.stat.Mode == 0 {
		n, err := v.lookup(ctx, gfs.LookupArgs{GFID: root.gfid})
		if err != nil {
			return node{}, err
		}
		root = n
	}
	todo := strings.Split(name, "/")
	path := []node{root} // from the root to where the walk stands
	for links := 0; len(todo) > 0; {
		element := todo[0]
		todo = todo[1:]
		switch element {
		case "", ".":
			continue
		case "..":
			path = path[:max(1, len(path)-1)]
			continue
		}
		at := path[len(path)-1]
		if !at.isDir() {
			return node{}, &gfs.StatusError{Errno: int32(syscall.ENOTDIR)}
		}
		n, err := v.lookup(ctx, gfs.LookupArgs{Parent: at.gfid, Name: element})
		if err != nil {
			return node{}, err
		}
		if !n.isLink() {
			path = append(path, n)
			continue
		}
		if links++; links > maxLinks {
			return node{}, &gfs.StatusError{Errno: int32(syscall.ELOOP)}
		}
		target, err := v.readlink(ctx, n.gfid)
		if err != nil {
			return node{}, err
		}
		if strings.HasPrefix(target, "/") {
			path = path[:1]
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return path[len(path)-1], nil
}

func (v *Volume) lookup(ctx context.Context, a gfs.LookupArgs) (node, error) {
	body, err := v.fop(ctx, 0, gfs.OpLookup, gfs.AppendLookupArgs(v.version, nil, &a))
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

func (v *Volume) readlink(ctx context.Context, gfid gfs.GFID) (string, error) {
	a := gfs.ReadlinkArgs{GFID: gfid, Size: maxLinkBytes}
	body, err := v.fop(ctx, 0, gfs.OpReadlink, gfs.AppendReadlinkArgs(v.version, nil, &a))
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
