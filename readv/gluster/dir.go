package gluster

import (
	"context"
	"io/fs"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// listBytes is how much of a directory one call asks for.
const listBytes = 64 << 10

// ReadDir implements backend.Volume.
func (v *Volume) ReadDir(ctx context.Context, name string) ([]backend.Entry, error) {
	dir, err := v.walk(ctx, name)
	if err != nil {
		return nil, err
	}
	if !dir.IsDir() {
		return nil, syscall.ENOTDIR
	}
	fd, err := v.open(ctx, 0, gfs.OpOpendir, gfs.AppendOpendirArgs(v.version, nil, &gfs.OpendirArgs{GFID: dir.gfid}))
	if err != nil {
		return nil, err
	}
	defer v.release(ctx, 0, gfs.OpReleasedir, dir.gfid, fd)
	var list []backend.Entry
	a := gfs.ReaddirpArgs{GFID: dir.gfid, FD: fd, Size: listBytes}
	for {
		body, err := v.fop(ctx, 0, gfs.OpReaddirp, gfs.AppendReaddirpArgs(v.version, nil, &a))
		if err != nil {
			return nil, err
		}
		r, err := gfs.ParseReaddirpReply(v.version, body)
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return nil, err
		}
		if len(r.Entries) == 0 {
			return list, nil
		}
		for _, e := range r.Entries {
			a.Offset = e.Offset
			if v.hidden(dir, e.Name) {
				continue
			}
			list = append(list, v.entry(dir.gfid, e))
		}
	}
}

// hidden are names that are no files of the user's: bricks keep their own
// bookkeeping in the root.
func (v *Volume) hidden(dir node, name string) bool {
	return name == "." || name == ".." || name == ".glusterfs" && dir.gfid == gfs.RootGFID
}

func (v *Volume) entry(dir gfs.GFID, e gfs.DirEntry) backend.Entry {
	if e.Stat.GFID != (gfs.GFID{}) {
		return backend.Entry{Attr: node{gfid: e.Stat.GFID, stat: e.Stat}.attr(e.Name)}
	}
	// The brick has not looked at this one yet: only name and type came.
	return backend.Entry{
		Attr: backend.Attr{Base: e.Name, Bits: backend.UnixMode(e.Type << 12)},
		Fetch: func() (backend.Attr, error) {
			n, err := v.lookup(context.Background(), gfs.LookupArgs{Parent: dir, Name: e.Name})
			if err != nil {
				return backend.Attr{}, &fs.PathError{Op: "stat", Path: e.Name, Err: err}
			}
			return n.attr(e.Name), nil
		},
	}
}
