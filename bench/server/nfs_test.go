package server_test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

func TestNFSRead(t *testing.T) {
	type want struct {
		status nfs3.Status
		count  uint32
		eof    bool
	}
	tests := []struct {
		name  string
		off   uint64
		count uint32
		want  want
	}{
		{"small", 0, 4096, want{0, 4096, false}},
		{"one byte", 12345, 1, want{0, 1, false}},
		{"two bytes", 12345, 2, want{0, 2, false}},
		{"three bytes", 12345, 3, want{0, 3, false}},
		{"as much as is copied", 3, 16 << 10, want{0, 16 << 10, false}},
		{"sent from the file, padded", 3, 16<<10 + 1, want{0, 16<<10 + 1, false}},
		{"large, unaligned", 77, 512 << 10, want{0, 512 << 10, false}},
		{"to one byte before the end", 0, fileBytes - 1, want{0, fileBytes - 1, false}},
		{"to the end", 0, fileBytes, want{0, fileBytes, true}},
		{"over the end", fileBytes - 10, 4096, want{0, 10, true}},
		{"large, over the end", fileBytes - 100_001, 1 << 20, want{0, 100_001, true}},
		{"at the end", fileBytes, 4096, want{0, 0, true}},
		{"beyond the end", fileBytes * 2, 4096, want{0, 0, true}},
		{"nothing", 0, 0, want{0, 0, false}},
		{"beyond what files can have", 1 << 63, 1, want{nfs3.StatusFBig, 0, false}},
	}
	for kind, tree := range trees(t) {
		c := dialNFS(t, start(t, tree))
		file := c.lookup(c.mustMnt("/bench"), "file")
		for _, tt := range tests {
			t.Run(kind+"/"+tt.name, func(t *testing.T) {
				r, payload := c.read(file.Object, tt.off, tt.count)
				if got := (want{r.Status, r.Count, r.EOF}); got != tt.want {
					t.Fatalf("got %+v, want %+v", got, tt.want)
				}
				if r.Status != nfs3.StatusOK {
					return
				}
				content := make([]byte, r.Count)
				server.Pattern(5, int64(tt.off), content)
				if !bytes.Equal(payload, content) {
					t.Error("the payload is not what the file holds")
				}
				r.Attr.Attr.Atime = file.Attr.Attr.Atime // reading moves it
				if diff := cmp.Diff(file.Attr, r.Attr); diff != "" {
					t.Error("attributes differ from LOOKUP's:\n", diff)
				}
			})
		}
	}
}

func TestNFSReadOfFileThatIsNotHeld(t *testing.T) {
	const size = 1 << 50
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "huge", Size: size, Seed: 9}})
	if err != nil {
		t.Fatal(err)
	}
	c := dialNFS(t, start(t, tree))
	file := c.find(c.mustMnt("/bench"), "huge")
	for _, n := range []uint32{101, 1<<20 + 1, 300_000} {
		r, payload := c.read(file, size-uint64(n)-3, n)
		want := make([]byte, n)
		server.Pattern(9, size-int64(n)-3, want)
		if r.Status != nfs3.StatusOK || !bytes.Equal(payload, want) {
			t.Errorf("READ of %d: %v, payload equal: %v", n, r.Status, bytes.Equal(payload, want))
		}
	}
}

// A READ for more than FSINFO allows is answered with as much as it allows.
func TestNFSReadOfTooMuch(t *testing.T) {
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: 65 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	c := dialNFS(t, start(t, tree))
	root := c.mustMnt("/bench")
	most := c.fsinfo(root).ReadMax
	if r, _ := c.read(c.find(root, "file"), 0, 65<<20); r.Count != most || r.EOF {
		t.Errorf("READ of 65 MiB: %d bytes, EOF %v; want %d, no EOF", r.Count, r.EOF, most)
	}
}

// More files than stay open take their turns, and removed ones are stale
// though they are open.
func TestNFSReadOfManyFiles(t *testing.T) {
	dir := t.TempDir()
	const count = 300
	for i := range count {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(fmt.Sprint("file ", i)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := dialNFS(t, start(t, openDir(t, dir)))
	root := c.mustMnt("/bench")
	var files [count]nfs3.FileHandle
	for i := range files {
		files[i] = c.find(root, strconv.Itoa(i))
	}
	for range 2 {
		for i, h := range files {
			if r, payload := c.read(h, 0, 100); string(payload) != fmt.Sprint("file ", i) {
				t.Fatalf("READ of file %d: %v, %q", i, r.Status, payload)
			}
		}
	}
	if n := openBelow(t, dir); n < 2 || n >= count {
		t.Errorf("%d files are open", n)
	}
	if err := os.Remove(filepath.Join(dir, strconv.Itoa(count-1))); err != nil {
		t.Fatal(err)
	}
	if r, _ := c.read(files[count-1], 0, 100); r.Status != nfs3.StatusStale {
		t.Errorf("READ of a removed file: %v, want STALE", r.Status)
	}
}

// openBelow counts this process's descriptors of files in dir.
func openBelow(t *testing.T, dir string) (n int) {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if path, err := os.Readlink(fd); err == nil && strings.HasPrefix(path, dir+"/") {
			n++
		}
	}
	return n
}

func TestNFSHandles(t *testing.T) {
	dir := t.TempDir()
	makeFiles(t, dir)
	addr := start(t, openDir(t, dir))
	c := dialNFS(t, addr)
	root := c.mustMnt("/bench")
	file, sub := c.find(root, "file"), c.find(root, "dir")
	if inner := c.mustMnt("/bench/dir"); inner != sub {
		t.Errorf("MNT of a directory below gives %v, LOOKUP %v", inner, sub)
	}
	if err := os.Rename(filepath.Join(dir, "file"), filepath.Join(dir, "dir", "renamed")); err != nil {
		t.Fatal(err)
	}
	if r := dialNFS(t, addr).getattr(file); r.Status != nfs3.StatusOK || r.Attr.Size != 10_000 {
		t.Errorf("GETATTR of a renamed file on another connection: %+v", r)
	}
	if err := os.RemoveAll(filepath.Join(dir, "dir")); err != nil {
		t.Fatal(err)
	}
	short := must[nfs3.FileHandle](t)(nfs3.NewFileHandle([]byte("short")))
	long := must[nfs3.FileHandle](t)(nfs3.NewFileHandle(make([]byte, nfs3.MaxFileHandleBytes)))
	for h, want := range map[nfs3.FileHandle]nfs3.Status{
		file: nfs3.StatusStale, sub: nfs3.StatusStale, short: nfs3.StatusBadHandle, long: nfs3.StatusBadHandle,
	} {
		read, _ := c.read(h, 0, 10)
		list, _ := c.readdirplus(nfs3.ReaddirplusArgs{Dir: h, DirCount: 4096, MaxCount: 4096})
		got := []nfs3.Status{
			c.getattr(h).Status, c.lookup(h, "x").Status, c.access(h, nfs3.AccessRead).Status, c.readlink(h).Status,
			c.fsinfo(h).Status, read.Status, list.Status,
		}
		for i := range got {
			if got[i] != want {
				t.Errorf("handle %v: statuses %v, want %v", h, got, want)
				break
			}
		}
	}
}

func TestNFSAttributes(t *testing.T) {
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	c := dialNFS(t, start(t, tree))
	root := c.mustMnt("/bench")
	at := nfs3.Timestamp{Sec: 1_700_000_000}
	want := nfs3.Fattr{
		Type: nfs3.TypeRegular, Mode: 0o444, Nlink: 1, Size: 1000, Used: 1024, FSID: 1, FileID: 2,
		Atime: at, Mtime: at, Ctime: at,
	}
	if diff := cmp.Diff(want, c.getattr(c.find(root, "file")).Attr); diff != "" {
		t.Error(diff)
	}
	if top := c.getattr(root).Attr; top.UnixMode() != syscall.S_IFDIR|0o555 {
		t.Errorf("attributes of the root: %+v", top)
	}
	if r := c.lookup(root, "missing"); r.Status != nfs3.StatusNoEnt || !r.DirAttr.Present {
		t.Errorf("LOOKUP of a missing name: %v, attributes of the directory: %v", r.Status, r.DirAttr.Present)
	}
}

func TestNFSAccess(t *testing.T) {
	dir := t.TempDir()
	makeFiles(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "program"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	c := dialNFS(t, start(t, openDir(t, dir)))
	root := c.mustMnt("/bench")
	const all = 0x3f
	for _, tt := range []struct {
		name        string
		asked, want uint32
	}{
		{".", all, nfs3.AccessRead | nfs3.AccessLookup},
		{"file", all, nfs3.AccessRead},
		{"program", all, nfs3.AccessRead | nfs3.AccessExecute},
		{"program", nfs3.AccessExecute | nfs3.AccessModify, nfs3.AccessExecute},
		{"file", nfs3.AccessModify, 0},
	} {
		if r := c.access(c.find(root, tt.name), tt.asked); r.Status != nfs3.StatusOK || r.Access != tt.want {
			t.Errorf("ACCESS %#x to %s: %v, %#x, want %#x", tt.asked, tt.name, r.Status, r.Access, tt.want)
		}
	}
}

func TestNFSReadlink(t *testing.T) {
	dir := t.TempDir()
	makeFiles(t, dir)
	c := dialNFS(t, start(t, openDir(t, dir)))
	root := c.mustMnt("/bench")
	if r := c.readlink(c.find(root, "link")); r.Status != nfs3.StatusOK || r.Path != "dir/inner" || r.Attr.Attr.Type != nfs3.TypeSymlink {
		t.Errorf("READLINK: %+v", r)
	}
	if r := c.readlink(root); r.Status != nfs3.StatusInval {
		t.Errorf("READLINK of a directory: %v, want INVAL", r.Status)
	}
}

func TestMount(t *testing.T) {
	dir := t.TempDir()
	makeFiles(t, dir)
	c := dialNFS(t, start(t, openDir(t, dir)))
	for path, want := range map[string]mount3.Status{
		"/bench": mount3.StatusOK, "/bench/": mount3.StatusOK, "/bench//dir/.": mount3.StatusOK,
		"": mount3.StatusAcces, "/": mount3.StatusAcces, "bench": mount3.StatusAcces, "/bench2": mount3.StatusAcces,
		"/bench/missing": mount3.StatusAcces, "/bench/file": mount3.StatusAcces, "/bench/file/x": mount3.StatusAcces,
		"/bench/link": mount3.StatusAcces, "/bench/dir/..": mount3.StatusAcces, "/bench/../bench": mount3.StatusAcces,
	} {
		if r := c.mnt(path); r.Status != want {
			t.Errorf("MNT %q: %v, want %v", path, r.Status, want)
		}
	}
	r := must[mount3.ExportReply](t)(mount3.ParseExportReply(c.call(mount3.ProcExport, nil)))
	if diff := cmp.Diff([]mount3.Export{{Dir: "/bench"}}, r.Exports); diff != "" {
		t.Error(diff)
	}
	for _, p := range []xdrwire.Procedure{mount3.ProcNull, nfs3.ProcNull, {Prog: rpcbind.Program, Vers: 2}, {Prog: rpcbind.Program, Vers: 4}} {
		if b := c.call(p, nil); len(b) != 0 {
			t.Errorf("%v: results %x", p, b)
		}
	}
	if b := c.call(mount3.ProcUmnt, mount3.AppendUmntArgs(nil, &mount3.PathArgs{Path: "/bench"})); len(b) != 0 {
		t.Errorf("UMNT: results %x", b)
	}
}

func TestRPCBindLeadsBackToTheServer(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			skip.For(t, skip.Machine, err)
		}
		addr := startOn(t, smallTree(t), l)
		c := dialNFS(t, addr)
		want := netip.MustParseAddrPort(addr)
		for _, tt := range []struct {
			prog, protocol uint32
			served         bool
		}{
			{nfs3.Program, rpcbind.ProtocolTCP, true},
			{mount3.Program, rpcbind.ProtocolTCP, true},
			{rpcbind.Program, rpcbind.ProtocolTCP, true},
			{nfs3.Program, rpcbind.ProtocolUDP, false},
			{100021, rpcbind.ProtocolTCP, false},
		} {
			port, addr := uint16(0), ""
			if tt.served {
				port, addr = want.Port(), rpcbind.FormatUniversalAddr(want)
			}
			if got := c.getPort(tt.prog, 3, tt.protocol); got != port {
				t.Errorf("GETPORT %d, protocol %d: %d, want %d", tt.prog, tt.protocol, got, port)
			}
			if tt.protocol != rpcbind.ProtocolTCP {
				continue
			}
			for _, p := range []xdrwire.Procedure{rpcbind.ProcGetAddrV3, rpcbind.ProcGetAddrV4} {
				b := c.call(p, rpcbind.AppendGetAddrArgs(nil, &rpcbind.GetAddrArgs{Prog: tt.prog, Vers: 3, NetID: rpcbind.NetIDTCP}))
				if r := must[rpcbind.GetAddrReply](t)(rpcbind.ParseGetAddrReply(b)); r.Addr != addr {
					t.Errorf("%v %d: %q, want %q", p, tt.prog, r.Addr, addr)
				}
			}
		}
	}
}

func TestNFSWritesAreRefused(t *testing.T) {
	c := dialNFS(t, start(t, smallTree(t)))
	root := c.mustMnt("/bench")
	for _, w := range nfsWrites(root, c.find(root, "file")) {
		b := c.call(xdrwire.Procedure{Prog: nfs3.Program, Vers: nfs3.Version, Proc: w.proc}, w.args)
		want := append(xdrwire.AppendUint32(nil, uint32(nfs3.StatusROFS)), make([]byte, w.reply-4)...)
		if diff := cmp.Diff(want, b); diff != "" {
			t.Errorf("%s:\n%s", w.name, diff)
		}
	}
}

func TestNFSCallsThatAreNotServed(t *testing.T) {
	c := dialNFS(t, start(t, smallTree(t)))
	nfs := func(proc uint32) xdrwire.Procedure { return xdrwire.Procedure{Prog: nfs3.Program, Vers: 3, Proc: proc} }
	for _, tt := range []struct {
		call xdrwire.Procedure
		want xdrwire.AcceptStat
	}{
		{nfs(16), xdrwire.ProcUnavail}, // READDIR
		{nfs(18), xdrwire.ProcUnavail}, // FSSTAT
		{nfs(20), xdrwire.ProcUnavail}, // PATHCONF
		{nfs(22), xdrwire.ProcUnavail},
		{xdrwire.Procedure{Prog: mount3.Program, Vers: 3, Proc: 2}, xdrwire.ProcUnavail},
		{xdrwire.Procedure{Prog: rpcbind.Program, Vers: 2, Proc: 4}, xdrwire.ProcUnavail},
		{xdrwire.Procedure{Prog: nfs3.Program, Vers: 4}, xdrwire.ProgMismatch},
		{xdrwire.Procedure{Prog: mount3.Program, Vers: 1}, xdrwire.ProgMismatch},
		{xdrwire.Procedure{Prog: 100021, Vers: 4}, xdrwire.ProgUnavail},
		{nfs3.ProcGetattr, xdrwire.GarbageArgs},
		{nfs3.ProcLookup, xdrwire.GarbageArgs},
		{nfs3.ProcAccess, xdrwire.GarbageArgs},
		{nfs3.ProcReadlink, xdrwire.GarbageArgs},
		{nfs3.ProcRead, xdrwire.GarbageArgs},
		{nfs3.ProcReaddirplus, xdrwire.GarbageArgs},
		{nfs3.ProcFsinfo, xdrwire.GarbageArgs},
		{mount3.ProcMnt, xdrwire.GarbageArgs},
		{mount3.ProcUmnt, xdrwire.GarbageArgs},
		{rpcbind.ProcGetPort, xdrwire.GarbageArgs},
		{rpcbind.ProcGetAddrV4, xdrwire.GarbageArgs},
	} {
		if h, _ := c.send(tt.call, nil); h.Stat != xdrwire.MsgAccepted || h.Accept != tt.want {
			t.Errorf("%v without arguments: %+v, want accept_stat %d", tt.call, h, tt.want)
		}
	}
}
