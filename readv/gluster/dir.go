package gluster

import (
	"context"
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
	conn := v.conns.Any().Conn()
	fd, err := v.open(ctx, conn, gfs.OpOpendir, gfs.AppendOpendirArgs(v.version, nil, &gfs.OpendirArgs{GFID: dir.gfid}))
	if err != nil {
		return nil, err
	}
	defer v.release(ctx, conn, gfs.OpReleasedir, dir.gfid, fd)
	var list backend.Listing
	a := gfs.ReaddirpArgs{GFID: dir.gfid, FD: fd, Size: listBytes}
	for {
		body, err := v.fop(ctx, conn, gfs.OpReaddirp, gfs.AppendReaddirpArgs(v.version, nil, &a))
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
			return list.Entries(), nil
		}
		if last := r.Entries[len(r.Entries)-1].Offset; last == a.Offset {
			return nil, backend.ErrListing
		}
		for _, e := range r.Entries {
			a.Offset = e.Offset
			if err := list.Saw(e.Name); err != nil {
				return nil, err
			}
			if v.hidden(dir, e.Name) {
				continue
			}
			entry, err := v.entry(ctx, dir, e)
			if err != nil {
				return nil, err
			}
			list.Add(entry)
		}
	}
}

// hidden are names that are no files of the user's: bricks keep their own
// bookkeeping in the root.
func (v *Volume) hidden(dir node, name string) bool {
	return name == "." || name == ".." || name == ".glusterfs" && dir.gfid == gfs.RootGFID
}

// entry makes an entry of what the brick says. Of one it has not looked at yet
// only name and type came; of some not even the type.
func (v *Volume) entry(ctx context.Context, dir node, e gfs.DirEntry) (backend.Entry, error) {
	if e.Stat.GFID != (gfs.GFID{}) {
		return backend.Entry{Attr: node{gfid: e.Stat.GFID, stat: e.Stat}.attr(e.Name)}, nil
	}
	fetch := func(ctx context.Context) (backend.Attr, error) {
		n, err := v.Lookup(ctx, dir, e.Name)
		return n.attr(e.Name), err
	}
	return backend.LazyEntry(ctx, e.Name, backend.UnixMode(e.Type<<12), e.Type != 0, fetch)
}
