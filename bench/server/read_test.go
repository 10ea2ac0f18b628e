package server_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// fileBytes is a length that no buffer of the server has.
const fileBytes = 700_001

var versions = []uint32{gfs.V400, gfs.V330}

// trees returns one of each kind with the same file, "file".
func trees(t testing.TB) map[string]server.Tree {
	t.Helper()
	synthetic, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: fileBytes, Seed: 5}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	content := make([]byte, fileBytes)
	server.Pattern(5, 0, content)
	if err := os.WriteFile(filepath.Join(dir, "file"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	return map[string]server.Tree{"synthetic": synthetic, "dir": openDir(t, dir)}
}

func openDir(t testing.TB, dir string) server.Tree {
	t.Helper()
	tree, err := server.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestRead(t *testing.T) {
	const enoent, einval = int32(syscall.ENOENT), int32(syscall.EINVAL)
	tests := []struct {
		name  string
		off   uint64
		size  uint32
		flags uint32
		want  gfs.Result
	}{
		{"small", 0, 4096, 0, gfs.Result{Ret: 4096}},
		{"one byte, unaligned", 12345, 1, 0, gfs.Result{Ret: 1}},
		{"as much as is copied", 3, 16 << 10, 0, gfs.Result{Ret: 16 << 10}},
		{"as little as is sent from the file", 3, 16<<10 + 1, 0, gfs.Result{Ret: 16<<10 + 1}},
		{"large, unaligned", 77, 512 << 10, 0, gfs.Result{Ret: 512 << 10}},
		{"to one byte before the end", 0, fileBytes - 1, 0, gfs.Result{Ret: fileBytes - 1}},
		{"to the end", 0, fileBytes, 0, gfs.Result{Ret: fileBytes, Errno: enoent}},
		{"over the end", fileBytes - 10, 4096, 0, gfs.Result{Ret: 10, Errno: enoent}},
		{"large, over the end", fileBytes - 100_000, 1 << 20, 0, gfs.Result{Ret: 100_000, Errno: enoent}},
		{"at the end", fileBytes, 4096, 0, gfs.Result{Errno: enoent}},
		{"beyond the end", fileBytes * 2, 4096, 0, gfs.Result{Errno: enoent}},
		{"nothing", 0, 0, 0, gfs.Result{Ret: -1, Errno: einval}},
		{"negative offset", 1 << 63, 1, 0, gfs.Result{Ret: -1, Errno: einval}},
		{"direct, aligned", 4096, 4096, gfs.OpenDirect, gfs.Result{Ret: 4096}},
		{"direct, unaligned", 1, 4096, gfs.OpenDirect, gfs.Result{Ret: -1, Errno: einval}},
	}
	for kind, tree := range trees(t) {
		addr := start(t, tree)
		for _, vers := range versions {
			c := mount(t, addr, "/bench", vers)
			stat := c.find("file")
			for _, fd := range []int64{c.mustOpen(stat.GFID), gfs.AnonymousFD} {
				for _, tt := range tests {
					t.Run(fmt.Sprintf("%s/%d/fd %d/%s", kind, vers, fd, tt.name), func(t *testing.T) {
						r, payload := c.read(stat.GFID, fd, tt.off, tt.size, tt.flags)
						if diff := cmp.Diff(tt.want, r.Result); diff != "" {
							t.Fatal(diff)
						}
						if r.Ret < 0 {
							return
						}
						want := make([]byte, r.Ret)
						server.Pattern(5, int64(tt.off), want)
						if !bytes.Equal(payload, want) {
							t.Error("the payload is not what the file holds")
						}
						r.Stat.Atime = stat.Atime // reading moves it
						if diff := cmp.Diff(stat, r.Stat); diff != "" {
							t.Error("attributes differ from LOOKUP's:\n", diff)
						}
					})
				}
			}
		}
	}
}

// Files above what synthetic trees hold in memory are made while they are
// sent, through another path.
func TestReadOfFileThatIsNotHeld(t *testing.T) {
	const size = 1 << 50
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "huge", Size: size, Seed: 9}})
	if err != nil {
		t.Fatal(err)
	}
	c := mount(t, start(t, tree), "/bench", gfs.V400)
	id := c.find("huge").GFID
	fd := c.mustOpen(id)
	for _, n := range []uint32{100, 1 << 20} {
		r, payload := c.read(id, fd, size-uint64(n)-3, n, 0)
		want := make([]byte, n)
		server.Pattern(9, size-int64(n)-3, want)
		if err := r.Err(); err != nil || !bytes.Equal(payload, want) {
			t.Errorf("READ of %d: %v, payload equal: %v", n, err, bytes.Equal(payload, want))
		}
	}
}

// Calls that arrive together are answered in order, small and large mixed.
func TestManyCallsAtOnceOnManyConnections(t *testing.T) {
	for kind, tree := range trees(t) {
		t.Run(kind, func(t *testing.T) {
			addr := start(t, tree)
			var all sync.WaitGroup
			for range 8 {
				c := mount(t, addr, "/bench", gfs.V400)
				id := c.find("file").GFID
				fd := c.mustOpen(id)
				all.Go(func() {
					if err := c.readTogether(id, fd); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
}

func (c *client) readTogether(id gfs.GFID, fd int64) error {
	sizes := []uint32{1, 4096, 100_000, 4096, 16384, 16385, 3, 300_000}
	var calls []byte
	for i, size := range sizes {
		args := gfs.AppendReadArgs(c.vers, nil, id, fd, uint64(i)*1000, size, 0)
		calls = append(calls, c.frame(gfs.FOP(c.vers, gfs.OpRead), args)...)
	}
	if _, err := c.net.Write(calls); err != nil {
		return err
	}
	for i, size := range sizes {
		b, err := c.record()
		if err != nil {
			return err
		}
		want := make([]byte, size)
		server.Pattern(5, int64(i)*1000, want)
		if payload := b[len(b)-min(len(b), int(size)):]; !bytes.Equal(payload, want) {
			return fmt.Errorf("reply %d of %d bytes does not end with the payload", i, len(b))
		}
	}
	return nil
}

// A file that shrinks after its READ was answered must not take more than the
// READ with it.
func TestReadOfFileThatShrinks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	c := mount(t, start(t, openDir(t, dir)), "/bench", gfs.V400)
	id := c.find("file").GFID
	fd := c.mustOpen(id)
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	r, payload := c.read(id, fd, 0, 1<<20, 0)
	want := gfs.Result{Ret: 1000, Errno: int32(syscall.ENOENT)}
	if r.Result != want || len(payload) != 1000 {
		t.Errorf("READ after truncation: %+v with %d bytes, want %+v", r.Result, len(payload), want)
	}
}

func TestReadWithDescriptorsThatAreNotOpen(t *testing.T) {
	c := mount(t, start(t, smallTree(t)), "/bench", gfs.V400)
	id := c.find("file").GFID
	fd := c.mustOpen(id)
	c.release(gfs.OpRelease, id, fd)
	for _, fd := range []int64{fd, 77, -1, -3, 1 << 62, -1 << 63} {
		if r, _ := c.read(id, fd, 0, 10, 0); r.Result != (gfs.Result{Ret: -1, Errno: int32(syscall.EBADF)}) {
			t.Errorf("READ with descriptor %d: %+v, want EBADF", fd, r.Result)
		}
	}
}
