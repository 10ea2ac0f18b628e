package server

import (
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

const (
	// direntBytes is what an entry takes in a reply beside its name and
	// dictionary: gfx_dirplist of glusterfs4-xdr.x.
	direntBytes = 192
	// maxReaddirpBytes bounds a reply whatever the client asks for.
	maxReaddirpBytes = 1 << 20
)

// readdirp reads from a list that is made when a client starts at the front.
// An entry's offset is its place in that list, from one.
func (c *conn) readdirp(in *call) error {
	a, err := gfs.ParseReaddirpArgs(in.vers, in.args)
	if err != nil {
		return err
	}
	var r gfs.ReaddirpReply
	entries, err := c.dirEntries(&a)
	if err != nil {
		r.Result = failed(err)
	} else {
		r.Entries = entries[min(a.Offset, uint64(len(entries))):]
		fit := fitting(r.Entries, min(a.Size, maxReaddirpBytes))
		if fit == len(r.Entries) {
			r.Errno = int32(syscall.ENOENT) // how bricks say end of directory
		}
		r.Entries, r.Ret = r.Entries[:fit], int32(fit)
		if a.Xdata != nil {
			r.Entries = withXattrs(r.Entries, a.Xdata)
		}
	}
	c.out.end(gfs.AppendReaddirpReply(in.vers, c.out.begin(in.xid), &r))
	return nil
}

// fitting returns how many entries go into size bytes: one at least, for the
// client to get on.
func fitting(entries []gfs.DirEntry, size uint32) int {
	room := int(size)
	for i := range entries {
		room -= direntBytes + xdrwire.PaddedBytes(len(entries[i].Name))
		if room < 0 && i > 0 {
			return i
		}
	}
	return len(entries)
}

// withXattrs returns the entries with the xattrs that each one has; the list
// they come from serves other calls and stays as it is.
func withXattrs(entries []gfs.DirEntry, wanted gfs.Dict) []gfs.DirEntry {
	with := make([]gfs.DirEntry, len(entries))
	for i, e := range entries {
		e.Dict = xattrs(&Attr{Mode: e.Stat.Mode}, wanted)
		with[i] = e
	}
	return with
}

func (c *conn) dirEntries(a *gfs.ReaddirpArgs) ([]gfs.DirEntry, error) {
	f, err := c.gluster.get(a.FD)
	if err != nil {
		return nil, err
	}
	if f.dir == nil {
		return nil, syscall.EINVAL
	}
	if a.Offset == 0 || f.dir.entries == nil {
		if f.dir.entries, err = c.list(f.dir.id); err != nil {
			return nil, err
		}
	}
	return f.dir.entries, nil
}

func (c *conn) list(dir NodeID) ([]gfs.DirEntry, error) {
	tree := c.server.tree
	named, err := tree.List(dir)
	if err != nil {
		return nil, err
	}
	var entries []gfs.DirEntry
	for _, name := range []string{".", ".."} {
		a, err := tree.Lookup(dir, name)
		if err != nil {
			return nil, err
		}
		entries = append(entries, dirEntry(name, &a, len(entries)))
	}
	for i := range named {
		entries = append(entries, dirEntry(named[i].Name, &named[i].Attr, len(entries)))
	}
	return entries, nil
}

func dirEntry(name string, a *Attr, index int) gfs.DirEntry {
	return gfs.DirEntry{
		Ino: a.Ino, Offset: uint64(index) + 1,
		Type: a.Mode & syscall.S_IFMT >> 12, // DT_* of dirent.h are the bits of st_mode
		Name: name, Stat: iatt(a),
	}
}
