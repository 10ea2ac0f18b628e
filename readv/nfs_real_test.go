//go:build linux

package readv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport"
)

// Tests against real NFS servers.

func nfsURL(s *peers.NFSServer, path string) string {
	host, _, _ := net.SplitHostPort(s.Addr())
	return fmt.Sprintf("nfs://%s%s?nfsport=%d&mountport=%d", host, path, s.NFSPort, s.MountPort)
}

// scratch makes a directory of the test's own in an export and names it as the
// server does.
func scratch(t testing.TB, e peers.NFSExport) (path, dir string) {
	t.Helper()
	dir, err := os.MkdirTemp(e.Dir, "test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return e.Path + "/" + filepath.Base(dir), dir
}

func put(t testing.TB, name string, data []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func TestRealNFSRandomReads(t *testing.T) {
	s := peers.Ganesha(t)
	path, dir := scratch(t, s.Export)
	want := randomBytes(11, 20<<20+12345)
	put(t, dir+"/file", want, 0o644)
	for _, o := range []Options{{}, {Conns: 3}, {Rings: 2, Conns: 3}} {
		v := dialTest(t, nfsURL(s, path), &o)
		count := 10_000
		if testing.Short() || raceEnabled || o.Conns > 0 {
			count = 2000
		}
		verifyOnAllRings(t, v, open(t, v, "file"), want, count, 64)
		st := v.Stats()
		// Few calls at a time on one of several connections may well be
		// answered in order.
		if st.OutOfOrder == 0 && o.Conns == 0 {
			t.Error("no reply came out of order")
		}
		t.Logf("%+v", st)
	}
}

// The same file of one volume by two protocols.
func TestRealTwoProtocols(t *testing.T) {
	g := peers.Gluster(t)
	n := peers.GaneshaGluster(t)
	dir := g.Volume.Scratch(t)
	want := randomBytes(12, 5<<20+1)
	g.Volume.Put(t, dir+"/file", want)
	byGluster := dialTest(t, "gluster://"+g.Addr()+"/"+g.Volume.Name+dir, nil)
	byNFS := dialTest(t, nfsURL(n, n.Export.Path+dir), nil)
	var got [2]bytes.Buffer
	for i, v := range []*Volume{byGluster, byNFS} {
		if _, err := io.Copy(&got[i], open(t, v, "file").NewReader(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got[0].Bytes(), want) || !bytes.Equal(got[1].Bytes(), want) {
		t.Error("the bytes differ")
	}
	verifyRandomReads(t, byNFS, open(t, byNFS, "file"), want, 1000, 32)
}

func TestRealNFSEdges(t *testing.T) {
	s := peers.Ganesha(t)
	path, dir := scratch(t, s.Export)
	long := strings.Repeat("n", 255)
	data := randomBytes(13, 10_000)
	put(t, dir+"/file", data, 0o644)
	put(t, dir+"/empty", nil, 0o644)
	put(t, dir+"/"+long, []byte("long"), 0o644)
	put(t, dir+"/secret", []byte("x"), 0o600)
	for _, err := range []error{
		os.Mkdir(dir+"/sub", 0o755), os.Symlink("../file", dir+"/sub/link"), os.Symlink("loop", dir+"/loop"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	v := dialTest(t, nfsURL(s, path), nil)
	f := open(t, v, "file")
	p := make([]byte, 20_000)
	if n, err := f.ReadAt(p, 4_000); n != 6_000 || err != io.EOF || !bytes.Equal(p[:n], data[4_000:]) {
		t.Error("across the end:", n, err)
	}
	if n, err := f.ReadAt(p[:6_000], 4_000); n != 6_000 || err != nil {
		t.Error("to the end:", n, err)
	}
	if n, err := f.ReadAt(p, 10_000); n != 0 || err != io.EOF {
		t.Error("at the end:", n, err)
	}
	if n, err := open(t, v, "empty").ReadAt(p, 0); n != 0 || err != io.EOF {
		t.Error("empty file:", n, err)
	}
	if n, err := open(t, v, "sub/link").ReadAt(p[:10], 0); n != 10 || err != nil {
		t.Error("symbolic link:", n, err)
	}
	if info, err := v.Stat(ctx, long); err != nil || info.Size() != 4 || info.Mode() != 0o644 {
		t.Error("name of 255 bytes:", info, err)
	}
	user := dialTest(t, nfsURL(s, path)+"&uid=65534&gid=65534", nil)
	for _, c := range []struct {
		name string
		v    *Volume
		file string
		is   error
	}{
		{"missing file", v, "nothing", fs.ErrNotExist},
		{"directory", v, "sub", syscall.EISDIR},
		{"through a file", v, "file/x", syscall.ENOTDIR},
		{"symbolic link to itself", v, "loop", syscall.ELOOP},
		{"name of 256 bytes", v, long + "n", syscall.ENAMETOOLONG},
		{"unreadable", user, "secret", fs.ErrPermission},
	} {
		if _, err := c.v.Open(ctx, c.file); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.name, err)
		}
	}

	// Shrinks while open: short with io.EOF, and no stale bytes.
	if err := os.Truncate(dir+"/file", 5_000); err != nil {
		t.Fatal(err)
	}
	if n, err := f.ReadAt(p[:6_000], 2_000); n != 3_000 || err != io.EOF {
		t.Error("after it shrank:", n, err)
	}
}

func TestRealNFSExports(t *testing.T) {
	s := peers.Ganesha(t)
	for _, c := range []struct {
		name, path string
		is         error
	}{
		{"no such export", "/no/such/export", fs.ErrPermission}, // which is what ganesha calls it
		{"export for no client", s.Denied.Path, fs.ErrPermission},
		{"no such directory in an export", s.Export.Path + "/missing", fs.ErrNotExist},
	} {
		_, err := Dial(ctx, nfsURL(s, c.path), nil)
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	path, dir := scratch(t, s.Squashed)
	put(t, dir+"/secret", []byte("x"), 0o600)
	if _, err := dialTest(t, nfsURL(s, path), nil).Open(ctx, "secret"); !errors.Is(err, fs.ErrPermission) {
		t.Error("root, squashed:", err)
	}

	// More than the server answers at once is cut and joined.
	path, dir = scratch(t, s.SmallReads)
	want := randomBytes(14, 1<<20+77)
	put(t, dir+"/file", want, 0o644)
	v := dialTest(t, nfsURL(s, path), nil)
	p := make([]byte, len(want))
	before := v.Stats().Accepted
	if n, err := open(t, v, "file").ReadAt(p, 0); n != len(p) || err != nil || !bytes.Equal(p, want) {
		t.Error(n, err)
	}
	if calls := v.Stats().Accepted - before; calls < 16 {
		t.Errorf("one read of 1 MiB took %d calls", calls)
	}
}

func TestRealNFSDirectory(t *testing.T) {
	s := peers.Ganesha(t)
	path, dir := scratch(t, s.Export)
	if err := os.MkdirAll(dir+"/tree/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, dir+"/tree/a", []byte("alpha"), 0o644)
	put(t, dir+"/tree/deep/b", randomBytes(15, 10_000), 0o644)
	if err := fstest.TestFS(dialTest(t, nfsURL(s, path+"/tree"), nil).FS(ctx), "a", "deep/b"); err != nil {
		t.Error(err)
	}
	for i := range 2000 {
		put(t, fmt.Sprintf("%s/%s-%d", dir, strings.Repeat("x", i%100), i), nil, 0o600)
	}
	want, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dialTest(t, nfsURL(s, path), nil).ReadDir(ctx, ".")
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d entries, want %d: %v", len(got), len(want), err)
	}
	for i := range got {
		if got[i].Name() != want[i].Name() || got[i].IsDir() != want[i].IsDir() {
			t.Errorf("entry %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// rpcbind tells the ports when the URL does not, where it listens at its own.
func TestRealNFSRpcbind(t *testing.T) {
	s := peers.Ganesha(t)
	if s.RpcbindPort != 111 {
		skip.For(t, skip.Machine, fmt.Sprintf("port 111 is another's; the run's rpcbind is at %d", s.RpcbindPort))
	}
	path, dir := scratch(t, s.Export)
	put(t, dir+"/file", []byte("found"), 0o644)
	host, _, _ := net.SplitHostPort(s.Addr())
	p := make([]byte, 5)
	f := open(t, dialTest(t, "nfs://"+host+path, nil), "file")
	if n, err := f.ReadAt(p, 0); n != 5 || err != nil || string(p) != "found" {
		t.Error(n, err)
	}
}

// A file that was removed, and a server that came back without it.
func TestRealNFSStale(t *testing.T) {
	s := peers.NewGanesha(t)
	path, dir := scratch(t, s.Export)
	put(t, dir+"/file", randomBytes(16, 1000), 0o644)
	put(t, dir+"/other", []byte("x"), 0o644)
	v := dialTest(t, nfsURL(s, path), &Options{Timeout: 10 * time.Second})
	f, other := open(t, v, "file"), open(t, v, "other")
	if err := os.Remove(dir + "/file"); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	within, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	var outage *transport.OutageError
	if _, err := f.Readv(within, [][]byte{make([]byte, 10)}, 0); !errors.As(err, &outage) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("server gone:", err)
	}
	s.Start(t)
	if _, err := other.ReadAt(make([]byte, 1), 0); err != nil {
		t.Error("other file:", err)
	}
	if _, err := f.ReadAt(make([]byte, 10), 0); !errors.Is(err, syscall.ESTALE) {
		t.Error("removed file, by its handle:", err)
	}
	if _, err := v.Open(ctx, "file"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("removed file, by its name:", err)
	}
}
