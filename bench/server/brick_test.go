package server_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// transcript is what a client gets to see, as far as it can be the same on two
// servers with copies of the same files.
type transcript map[string]any

// TestSameAnswersAsABrick asks a GlusterFS brick and this server the same
// questions.
func TestSameAnswersAsABrick(t *testing.T) {
	volume := peers.Gluster(t).CreateVolume(t, peers.VolumeSpec{})
	files := t.TempDir()
	for _, dir := range []string{files, volume.Mount(t)} {
		makeFiles(t, dir)
	}
	ours, theirs := start(t, openDir(t, files)), volume.Bricks[0].Addr(t)
	for _, vers := range versions {
		got := questions(mount(t, ours, "/bench", vers))
		want := questions(mount(t, theirs, volume.Bricks[0].Dir, vers))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("version %d (-brick +ours):\n%s", vers, diff)
		}
	}
}

func makeFiles(t *testing.T, dir string) {
	t.Helper()
	for _, err := range []error{
		os.WriteFile(filepath.Join(dir, "file"), make([]byte, 10_000), 0o640),
		os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600),
		os.Mkdir(filepath.Join(dir, "dir"), 0o755),
		os.WriteFile(filepath.Join(dir, "dir", "inner"), []byte("x"), 0o644),
		os.Symlink("dir/inner", filepath.Join(dir, "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// attributes keeps of a node what does not depend on where it is kept.
func attributes(a gfs.Iatt) map[string]any {
	return map[string]any{
		"mode": a.Mode, "uid": a.UID, "gid": a.GID, "flags": a.Flags,
		"size": ofFile(a, a.Size), "nlink": ofFile(a, uint64(a.Nlink)), "ino is in GFID": a.GFID == gfs.RootGFID || a.Ino == inoIn(a.GFID),
	}
}

// ofFile drops what is the file system's own affair for directories.
func ofFile(a gfs.Iatt, v uint64) uint64 {
	if a.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		return 0
	}
	return v
}

func inoIn(g gfs.GFID) (ino uint64) {
	for _, b := range g[8:] {
		ino = ino<<8 | uint64(b)
	}
	return ino
}

// outcome drops the errno of a success where it means nothing.
func outcome(r gfs.Result) gfs.Result {
	if r.Ret >= 0 {
		r.Errno = 0
	}
	return r
}

func questions(c *client) transcript {
	said := transcript{}
	unknown := gfs.GFID{0: 0xee, 15: 0xee}
	file, empty, dir, link := c.find("file"), c.find("empty"), c.find("dir"), c.find("link")

	for name, a := range map[string]gfs.LookupArgs{
		"root":           {GFID: gfs.RootGFID},
		"file":           {Parent: gfs.RootGFID, Name: "file"},
		"link":           {Parent: gfs.RootGFID, Name: "link"},
		"inner":          {Parent: dir.GFID, Name: "inner"},
		"nameless file":  {GFID: file.GFID},
		"missing name":   {Parent: gfs.RootGFID, Name: "missing"},
		"name in file":   {Parent: file.GFID, Name: "x"},
		"unknown parent": {Parent: unknown, Name: "x"},
		"unknown GFID":   {GFID: unknown},
	} {
		r := c.lookup(a)
		said["LOOKUP "+name] = []any{outcome(r.Result), r.Xdata == nil}
		if r.Ret == 0 {
			said["LOOKUP "+name+", attributes"] = []any{attributes(r.Stat), r.PostParent.GFID == gfs.GFID{}, r.PostParent.Mode}
		}
	}
	for name, id := range map[string]gfs.GFID{
		"file": file.GFID, "dir": dir.GFID, "link": link.GFID, "unknown": unknown,
	} {
		r := c.stat(id)
		said["STAT "+name] = outcome(r.Result)
		if r.Ret == 0 {
			said["STAT "+name+", attributes"] = attributes(r.Stat)
		}
		l := c.readlink(id, 4096)
		said["READLINK "+name] = []any{outcome(l.Result), l.Path}
		o := c.open(id, 0)
		said["OPEN "+name] = outcome(o.Result)
		if o.Ret == 0 {
			said["RELEASE "+name] = outcome(c.release(gfs.OpRelease, id, o.FD))
		}
		o = c.opendir(id)
		said["OPENDIR "+name] = outcome(o.Result)
		if o.Ret == 0 {
			said["RELEASEDIR "+name] = outcome(c.release(gfs.OpReleasedir, id, o.FD))
		}
	}
	said["READLINK short"] = c.readlink(link.GFID, 3).Path
	c.askReads(said, file.GFID, empty.GFID, dir.GFID, unknown)
	c.askDirectory(said)
	return said
}

func (c *client) askReads(said transcript, file, empty, dir, unknown gfs.GFID) {
	fd, emptyFD, dirFD := c.mustOpen(file), c.mustOpen(empty), c.opendir(dir).FD
	said["descriptors"] = []int64{fd, emptyFD, dirFD}
	for name, a := range map[string]struct {
		id    gfs.GFID
		fd    int64
		off   uint64
		size  uint32
		flags uint32
	}{
		"start":             {file, fd, 0, 100, 0},
		"to the end":        {file, fd, 9000, 1000, 0},
		"over the end":      {file, fd, 9000, 4000, 0},
		"at the end":        {file, fd, 10_000, 10, 0},
		"beyond":            {file, fd, 1 << 40, 10, 0},
		"nothing":           {file, fd, 0, 0, 0},
		"nothing, bad fd":   {file, 77, 0, 0, 0},
		"negative":          {file, fd, 1 << 63, 10, 0},
		"empty":             {empty, emptyFD, 0, 10, 0},
		"bad descriptor":    {file, 77, 0, 10, 0},
		"directory":         {dir, dirFD, 0, 10, 0},
		"anonymous":         {file, gfs.AnonymousFD, 0, 10, 0},
		"anonymous dir":     {dir, gfs.AnonymousFD, 0, 10, 0},
		"anonymous, ENOENT": {unknown, gfs.AnonymousFD, 0, 10, 0},
	} {
		r, payload := c.read(a.id, a.fd, a.off, a.size, a.flags)
		said["READ "+name] = []any{r.Result, len(payload), r.Xdata == nil}
		if r.Ret >= 0 {
			said["READ "+name+", attributes"] = attributes(r.Stat)
		}
	}
	for name, a := range map[string]struct {
		id gfs.GFID
		fd int64
	}{
		"file": {file, fd}, "dir": {dir, dirFD}, "bad": {file, 77}, "anonymous": {file, gfs.AnonymousFD},
	} {
		r := c.fstat(a.id, a.fd)
		said["FSTAT "+name] = outcome(r.Result)
		if r.Ret == 0 {
			said["FSTAT "+name+", attributes"] = attributes(r.Stat)
		}
	}
	// A descriptor below zero other than the anonymous one crashes a brick of
	// GlusterFS 10.3, so that only this server is asked about it, elsewhere.
	said["RELEASE bad"] = outcome(c.release(gfs.OpRelease, file, 77))
	said["READDIRP file"] = c.readdirp(gfs.ReaddirpArgs{GFID: file, FD: fd, Size: 4096}).Result
	said["READDIRP bad"] = c.readdirp(gfs.ReaddirpArgs{GFID: dir, FD: 77, Size: 4096}).Result
}

// askDirectory reads the root whole and in pieces.
func (c *client) askDirectory(said transcript) {
	fd := c.opendir(gfs.RootGFID).FD
	for name, size := range map[string]uint32{"whole": 64 << 10, "pieces": 600} {
		seen := map[string]any{}
		offset := uint64(0)
		for range 100 {
			r := c.readdirp(gfs.ReaddirpArgs{GFID: gfs.RootGFID, FD: fd, Offset: offset, Size: size})
			for _, e := range r.Entries {
				offset = e.Offset
				if e.Name != ".glusterfs" && e.Name != ".." {
					seen[e.Name] = []any{e.Type, attributes(e.Stat)}
				}
			}
			if r.Ret <= 0 {
				said["READDIRP end, "+name] = r.Result
				break
			}
		}
		said["READDIRP "+name] = seen
	}
	said["RELEASEDIR again"] = []gfs.Result{
		outcome(c.release(gfs.OpReleasedir, gfs.RootGFID, fd)),
		outcome(c.release(gfs.OpReleasedir, gfs.RootGFID, fd)),
	}
}
