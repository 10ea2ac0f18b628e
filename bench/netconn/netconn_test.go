package netconn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/bench/netconn"
	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/ci/peers"
)

const (
	size = 1<<20 + 12345
	seed = 7
)

// embedded starts a server in this process with one file.
func embedded(t *testing.T) (address string) {
	t.Helper()
	return embeddedWith(t, server.Options{})
}

func embeddedWith(t *testing.T, o server.Options) (address string) {
	t.Helper()
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: size, Seed: seed}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Tree = tree
	s := server.New(o)
	go s.Serve(l)
	t.Cleanup(func() { s.Close(); tree.Close() })
	return l.Addr().String()
}

func dial(t *testing.T, server, volume string) *netconn.Client {
	t.Helper()
	c, err := netconn.Dial(t.Context(), server, volume)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func open(t *testing.T, c *netconn.Client, path string) *netconn.File {
	t.Helper()
	f, err := c.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Records of one fragment are read as they come, others are put together first.
func TestFragments(t *testing.T) {
	address := embeddedWith(t, server.Options{Fragment: 999, Shuffle: 3})
	host, text, _ := net.SplitHostPort(address)
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	nfs, err := netconn.OpenNFS(t.Context(), netconn.NFS{Server: host, NFSPort: port, MountPort: port, Path: "/bench/file"})
	if err != nil {
		t.Fatal(err)
	}
	defer nfs.Close()
	got, want := make([]byte, size), make([]byte, size)
	server.Pattern(seed, 0, want)
	for name, f := range map[string]io.ReaderAt{"gluster": open(t, dial(t, address, "bench"), "/file"), "nfs3": nfs} {
		clear(got)
		if n, err := f.ReadAt(got, 0); n != size || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v, or wrong ones", name, n, err)
		}
	}
}

func TestReadAt(t *testing.T) {
	f := open(t, dial(t, embedded(t), "bench"), "/file")
	if f.Size() != size {
		t.Errorf("size %d, want %d", f.Size(), size)
	}
	got, want := make([]byte, size+1), make([]byte, size)
	server.Pattern(seed, 0, want)
	if n, err := f.ReadAt(got, 0); n != size || err != io.EOF {
		t.Fatalf("read past the end: %d, %v; want %d, EOF", n, err, size)
	}
	if !bytes.Equal(got[:size], want) {
		t.Error("the file's bytes differ")
	}
	if n, err := f.ReadAt(got[:5], 1001); n != 5 || err != nil || !bytes.Equal(got[:5], want[1001:1006]) {
		t.Errorf("five bytes in the middle: %d, %v, %x; want %x", n, err, got[:5], want[1001:1006])
	}
}

// pipeline does count reads of block bytes at random offsets, depth in flight,
// and compares each with the file's content.
func pipeline(t *testing.T, c *netconn.Client, f *netconn.File, content []byte, block, depth, count int) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, uint64(block)))
	start := func(buf []byte, tag int) {
		if err := c.Start(netconn.Read{File: f, Buf: buf, Off: rnd.Int64N(int64(len(content) - block)), Tag: tag}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range depth {
		start(make([]byte, block), i)
	}
	for i := range count {
		r, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if r.N != block || !bytes.Equal(r.Buf, content[r.Off:][:block]) {
			t.Fatalf("read %d of %d bytes at %d: got %d, or other bytes", i, block, r.Off, r.N)
		}
		if i+depth < count {
			start(r.Buf, r.Tag)
		}
	}
}

func TestManyInFlight(t *testing.T) {
	address := embedded(t)
	content := make([]byte, size)
	server.Pattern(seed, 0, content)
	for _, bounce := range []bool{false, true} {
		c := dial(t, address, "bench")
		c.Bounce = bounce
		f := open(t, c, "file")
		const block, count = 128 << 10, 100
		pipeline(t, c, f, content, block, 16, count)
		copied := float64(c.CopiedBytes()) / (block * count)
		if bounce && (copied < 1 || copied > 1.05) || !bounce && copied > 0.05 {
			t.Errorf("bounce %v: %.3f bytes copied per byte", bounce, copied)
		}
		if c.Syscalls() < 2*count {
			t.Errorf("%d system calls counted for %d reads", c.Syscalls(), count)
		}
		pipeline(t, c, f, content, 4096, 64, 200)
	}
}

func TestRealVolume(t *testing.T) {
	s := peers.Gluster(t)
	content := make([]byte, size)
	server.Pattern(seed, 0, content)
	name := s.Volume.Scratch(t) + "/file"
	s.Volume.Put(t, name, content)
	c := dial(t, s.Addr(), s.Volume.Name)
	pipeline(t, c, open(t, c, name), content, 60000, 16, 200)
}

func TestErrors(t *testing.T) {
	address := embedded(t)
	c := dial(t, address, "bench")
	for path, want := range map[string]error{"missing": fs.ErrNotExist, "/": syscall.EINVAL} {
		if _, err := c.Open(t.Context(), path); !errors.Is(err, want) {
			t.Errorf("open of %s: %v, want %v", path, err, want)
		}
	}
	if _, err := netconn.Dial(t.Context(), address, "other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unknown volume: %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := netconn.Dial(t.Context(), "127.0.0.1:1", "bench"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("closed port: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Open(ctx, "file"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	c = dial(t, address, "bench")
	f := open(t, c, "file")
	c.Interrupt()
	if err := c.Start(netconn.Read{File: f, Buf: make([]byte, 1)}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("interrupted: %v", err)
	}
}
