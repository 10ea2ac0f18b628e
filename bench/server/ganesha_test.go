package server_test

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// TestSameAnswersAsGanesha asks nfs-ganesha and this server, which exports the
// same files, the same questions.
func TestSameAnswersAsGanesha(t *testing.T) {
	ganesha := peers.Ganesha(t)
	dir, err := os.MkdirTemp(ganesha.Export.Dir, "server-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	makeFiles(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "program"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// The volume has the name of the directory above, for paths to be alike.
	ours := startWith(t, server.Options{Tree: openDir(t, ganesha.Export.Dir), Volume: ganesha.Export.Path[1:]}, l)
	path := ganesha.Export.Path + "/" + filepath.Base(dir)

	got := nfsQuestions(dialNFS(t, ours), dialNFS(t, ours), ganesha.Export.Path, path)
	want := nfsQuestions(dialNFS(t, ganesha.Addr()), dialNFS(t, ganesha.MountAddr()), ganesha.Export.Path, path)
	for name := range want {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (-ganesha +ours):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(rpcbindQuestions(dialNFS(t, ganesha.RpcbindAddr())), rpcbindQuestions(dialNFS(t, ours))); diff != "" {
		t.Errorf("-rpcbind +ours:\n%s", diff)
	}
}

// nfsAttributes keeps what does not depend on how a server numbers things.
func nfsAttributes(o nfs3.OptionalFattr) any {
	if !o.Present {
		return nil
	}
	a := o.Attr
	a.FSID, a.Atime = 0, nfs3.Timestamp{}
	return a
}

func nfsQuestions(c, m nfsClient, export, path string) transcript {
	said := transcript{}
	for name, path := range map[string]string{
		"export": export, "export and slash": export + "/", "below": path, "below and slash": path + "/",
		"missing": path + "/missing", "missing below": path + "/missing/more", "file": path + "/file",
		"below file": path + "/file/more", "link": path + "/link", "not exported": "/nothing/here",
		"dot": path + "/.", "longer name": export + "x", "empty": "", "no slash": path[1:], "up": path + "/..", "double slash": export + "//",
	} {
		r := m.mnt(path)
		said["MNT "+name] = []any{r.Status.String(), r.Status == mount3.StatusOK && len(r.Flavors) > 0}
	}
	m.call(mount3.ProcUmnt, mount3.AppendUmntArgs(nil, &mount3.PathArgs{Path: "/never/mounted"}))
	top := m.mustMnt(path)
	file, empty, dir, link, program := c.find(top, "file"), c.find(top, "empty"), c.find(top, "dir"), c.find(top, "link"), c.find(top, "program")
	short := must[nfs3.FileHandle](c.t)(nfs3.NewFileHandle([]byte{1, 2, 3}))
	none := nfs3.FileHandle{}
	for name, h := range map[string]nfs3.FileHandle{
		"top": top, "file": file, "empty": empty, "dir": dir, "link": link, "program": program, "short": short, "none": none,
	} {
		g := c.getattr(h)
		said["GETATTR "+name] = []any{g.Status.String(), nfsAttributes(nfs3.OptionalFattr{Present: true, Attr: g.Attr})}
		a := c.access(h, 0x3f)
		said["ACCESS "+name] = []any{a.Status.String(), a.Access, nfsAttributes(a.Attr)}
		l := c.readlink(h)
		said["READLINK "+name] = []any{l.Status.String(), l.Path, nfsAttributes(l.Attr)}
		i := c.fsinfo(h)
		said["FSINFO "+name] = []any{i.Status.String(), i.ReadMax}
		for _, n := range []string{"inner", "missing", ".", "..", "", "a/b", strings.Repeat("x", 300)} {
			if h == top && n == ".." {
				continue // the root of a tree has a number of its own
			}
			r := c.lookup(h, n)
			said["LOOKUP "+name+" "+n[:min(len(n), 10)]] = []any{r.Status.String(), nfsAttributes(r.Attr), nfsAttributes(r.DirAttr)}
		}
	}
	for name, a := range map[string]struct {
		h     nfs3.FileHandle
		off   uint64
		count uint32
	}{
		"start": {file, 0, 100}, "to the end": {file, 9000, 1000}, "over the end": {file, 9000, 4000},
		"at the end": {file, 10_000, 10}, "beyond": {file, 1 << 40, 10}, "nothing": {file, 0, 0},
		"negative": {file, 1 << 63, 10}, "to beyond 2^63": {file, 1<<63 - 5, 10}, "empty": {empty, 0, 10}, "directory": {dir, 0, 10},
		"link": {link, 0, 10}, "short": {short, 0, 10}, "none": {none, 0, 10},
	} {
		r, payload := c.read(a.h, a.off, a.count)
		said["READ "+name] = []any{r.Status.String(), r.Count, r.EOF, len(payload)}
		if r.Status == nfs3.StatusOK {
			said["READ "+name+", attributes"] = nfsAttributes(r.Attr)
		}
	}
	c.askNFSDirectory(said, top)
	for name, h := range map[string]nfs3.FileHandle{"file": file, "link": link, "short": short} {
		r, _ := c.readdirplus(nfs3.ReaddirplusArgs{Dir: h, DirCount: 4096, MaxCount: 4096})
		said["READDIRPLUS "+name] = r.Status.String()
	}
	for _, w := range nfsWrites(top, file) {
		b := c.call(xdrwire.Procedure{Prog: nfs3.Program, Vers: nfs3.Version, Proc: w.proc}, w.args)
		said[w.name] = nfs3.Status(binary.BigEndian.Uint32(b)).String()
	}
	return said
}

// askNFSDirectory reads a directory whole and in pieces.
func (c nfsClient) askNFSDirectory(said transcript, dir nfs3.FileHandle) {
	for name, size := range map[string]uint32{"whole": 64 << 10, "pieces": 700} {
		seen := map[string]any{}
		a := nfs3.ReaddirplusArgs{Dir: dir, DirCount: size, MaxCount: size}
		for range 100 {
			r, n := c.readdirplus(a)
			said["READDIRPLUS too long, "+name] = n > int(size)
			for e := range r.Entries.All() {
				a.Cookie = e.Cookie
				if e.Name != ".." {
					seen[e.Name] = []any{e.FileID, nfsAttributes(e.Attr), e.Handle.Present && c.getattr(e.Handle.Handle).Attr.FileID == e.FileID}
				}
			}
			a.Verifier = r.Verifier
			if r.EOF || r.Status != nfs3.StatusOK {
				said["READDIRPLUS end, "+name] = r.Status.String()
				break
			}
		}
		said["READDIRPLUS "+name] = seen
	}
}

func rpcbindQuestions(c nfsClient) transcript {
	return transcript{
		"NFS":           c.getPort(nfs3.Program, 3, rpcbind.ProtocolTCP) != 0,
		"MOUNT":         c.getPort(mount3.Program, 3, rpcbind.ProtocolTCP) != 0,
		"rpcbind":       c.getPort(rpcbind.Program, 2, rpcbind.ProtocolTCP) != 0,
		"other version": c.getPort(nfs3.Program, 77, rpcbind.ProtocolTCP) != 0,
		"unknown":       c.getPort(0x20001234, 1, rpcbind.ProtocolTCP),
		"NFS over UDP":  c.getPort(nfs3.Program, 3, rpcbind.ProtocolUDP),
	}
}
