//go:build linux

package readv

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/transport"
)

// Tests against a real GlusterFS volume.

// realVolume dials the run's volume and names a directory on it for this test.
func realVolume(t testing.TB, o *Options) (v *Volume, s *peers.GlusterServer, dir string) {
	t.Helper()
	s = peers.Gluster(t)
	dir = s.Volume.Scratch(t)
	return dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir, o), s, dir
}

func TestRealRandomReads(t *testing.T) {
	s := peers.Gluster(t)
	dir := s.Volume.Scratch(t)
	want := randomBytes(1, 20<<20+12345)
	s.Volume.Put(t, dir+"/file", want)
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"default", Options{}},
		{"exact,fixed", Options{Plan: 1, FixedBuffers: true}},
		{"overlap,3 conns", Options{Plan: 2, Conns: 3}},
		{"3 rings, 7 conns", Options{Rings: 3, Conns: 7}},
		{"bounce", Options{Bounce: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir, &c.o)
			f := open(t, v, "file")
			count := 10_000
			if testing.Short() || raceEnabled || c.name != "default" {
				count = 2000
			}
			verifyOnAllRings(t, v, f, want, count, 64)
			st := v.Stats()
			// Few calls at a time on one of several connections may well
			// be answered in order.
			if st.OutOfOrder == 0 && c.o.Conns == 0 {
				t.Error("no reply came out of order")
			}
			if want := c.o.FixedBuffers && v.Engine() == transport.EngineURing; want != (st.FixedReceives > 0) {
				t.Errorf("%d fixed receives", st.FixedReceives)
			}
			t.Logf("%+v", st)
		})
	}
}

func TestRealEdges(t *testing.T) {
	v, s, dir := realVolume(t, nil)
	long := strings.Repeat("n", 255)
	content := randomBytes(2, 10_000)
	for name, data := range map[string][]byte{"file": content, "empty": nil, long: []byte("long"), "secret": []byte("x")} {
		s.Volume.Put(t, dir+"/"+name, data)
	}
	mount := s.Volume.Mount(t) + dir
	for _, err := range []error{
		os.Mkdir(mount+"/sub", 0o755), os.Symlink("../file", mount+"/sub/link"), os.Symlink("loop", mount+"/loop"),
		os.Symlink(dir+"/file", mount+"/absolute"), os.Chmod(mount+"/secret", 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}

	t.Run("reads", func(t *testing.T) {
		f := open(t, v, "file")
		for _, c := range []struct {
			off  int64
			n    int
			want []byte
			err  error
		}{
			{0, 10_000, content, nil},
			{0, 0, nil, nil},
			{9_000, 1_000, content[9_000:], nil},
			{9_000, 2_000, content[9_000:], io.EOF},
			{9_999, 1, content[9_999:], nil},
			{10_000, 1, nil, io.EOF},
			{1 << 40, 100, nil, io.EOF},
		} {
			p := make([]byte, c.n)
			n, err := f.ReadAt(p, c.off)
			if err != c.err || !bytes.Equal(p[:n], c.want) {
				t.Errorf("ReadAt(%d bytes, %d): %d, %v", c.n, c.off, n, err)
			}
		}
		if _, err := f.ReadAt(make([]byte, 1), -1); !errors.Is(err, syscall.EINVAL) {
			t.Error("negative offset:", err)
		}
	})
	t.Run("empty", func(t *testing.T) {
		if n, err := open(t, v, "empty").ReadAt(make([]byte, 5), 0); n != 0 || err != io.EOF {
			t.Error(n, err)
		}
	})
	for _, name := range []string{"sub/link", "absolute", "sub/../file", "/file", "./sub//link"} {
		if name == "absolute" {
			continue // leads out of this volume's root, which is dir
		}
		if n, err := open(t, v, name).ReadAt(make([]byte, 10_000), 0); n != 10_000 || err != nil {
			t.Error(name, n, err)
		}
	}
	whole := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name, nil)
	if n, err := open(t, whole, dir+"/absolute").ReadAt(make([]byte, 10), 0); n != 10 || err != nil {
		t.Error("absolute link:", n, err)
	}
	if info, err := v.Stat(ctx, long); err != nil || info.Name() != long || info.Size() != 4 {
		t.Error("name of 255 bytes:", info, err)
	}
	user := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir, &Options{UID: 65534, GID: 65534})
	for _, c := range []struct {
		name string
		v    *Volume
		file string
		is   error
	}{
		{"missing file", v, "nothing", fs.ErrNotExist},
		{"missing directory", v, "nothing/file", fs.ErrNotExist},
		{"directory", v, "sub", syscall.EISDIR},
		{"root", v, ".", syscall.EISDIR},
		{"through a file", v, "file/x", syscall.ENOTDIR},
		{"symbolic link to itself", v, "loop", syscall.ELOOP},
		{"name of 256 bytes", v, long + "n", syscall.ENAMETOOLONG},
		{"unreadable", user, "secret", fs.ErrPermission},
	} {
		_, err := c.v.Open(ctx, c.file)
		var path *fs.PathError
		if !errors.Is(err, c.is) || !errors.As(err, &path) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRealDirectory(t *testing.T) {
	v, s, dir := realVolume(t, nil)
	mount := s.Volume.Mount(t) + dir
	if err := os.MkdirAll(mount+"/tree/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	s.Volume.Put(t, dir+"/tree/a", []byte("alpha"))
	s.Volume.Put(t, dir+"/tree/deep/b", randomBytes(3, 20<<10)) // TestFS reads it byte by byte, too
	tree := dialTest(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir+"/tree", nil)
	if err := fstest.TestFS(tree.FS(ctx), "a", "deep/b"); err != nil {
		t.Error(err)
	}
	for i := range 300 {
		if err := os.WriteFile(mount+"/many"+strings.Repeat("x", i%200)+string(rune('a'+i%26))+time.Duration(i).String(), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadDir(mount)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.ReadDir(ctx, ".")
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d entries, want %d: %v", len(got), len(want), err)
	}
	for i := range got {
		if got[i].Name() != want[i].Name() || got[i].IsDir() != want[i].IsDir() {
			t.Errorf("entry %d is %v, want %v", i, got[i], want[i])
		}
	}
	if _, err := v.ReadDir(ctx, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error("missing directory:", err)
	}
}

func TestRealWriteTo(t *testing.T) {
	v, s, dir := realVolume(t, nil)
	want := randomBytes(4, 17<<20+1)
	s.Volume.Put(t, dir+"/file", want)
	h := sha256.New()
	n, err := open(t, v, "file").NewReader(ctx).WriteTo(h)
	if err != nil || n != int64(len(want)) || [32]byte(h.Sum(nil)) != sha256.Sum256(want) {
		t.Errorf("%d of %d bytes, %v", n, len(want), err)
	}
	f, err := Open(ctx, "gluster://"+s.Addr()+"/"+s.Volume.Name+dir+"/file", nil)
	if err != nil {
		t.Fatal(err)
	}
	// One read of the whole file is cut into several calls.
	p := make([]byte, len(want)+10)
	if n, err := f.ReadAt(p, 0); n != len(want) || err != io.EOF || !bytes.Equal(p[:n], want) {
		t.Error("one large read:", n, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestRealRefusals(t *testing.T) {
	s := peers.Gluster(t)
	dial := func(url string) error {
		within, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		v, err := Dial(within, url, nil)
		if err == nil {
			v.Close()
		}
		return err
	}
	var unknown *gluster.UnknownVolumeError
	if err := dial("gluster://" + s.Addr() + "/nosuch"); !errors.As(err, &unknown) {
		t.Error("unknown volume:", err)
	}
	if testing.Short() {
		return // volumes take their time
	}
	stopped := s.CreateVolume(t, peers.VolumeSpec{Bricks: 1})
	stopped.Stop(t)
	if err := dial("gluster://" + s.Addr() + "/" + stopped.Name); err == nil || !strings.Contains(err.Error(), stopped.Name) {
		t.Error("stopped volume:", err)
	} else {
		t.Log(err)
	}
	for _, c := range []struct {
		spec       peers.VolumeSpec
		translator string
	}{
		{peers.VolumeSpec{Bricks: 2}, "cluster/distribute"},
		{peers.VolumeSpec{Bricks: 3, Replica: 3}, "cluster/replicate"},
		{peers.VolumeSpec{Bricks: 3, Disperse: 3, Redundancy: 1}, "cluster/disperse"},
		{peers.VolumeSpec{Bricks: 1, Options: map[string]string{"features.shard": "on"}}, "features/shard"},
	} {
		v := s.CreateVolume(t, c.spec)
		err := dial("gluster://" + s.Addr() + "/" + v.Name)
		var refused *gluster.UnsupportedVolumeError
		if !errors.As(err, &refused) || refused.Translator != c.translator {
			t.Errorf("%s: %v", c.translator, err)
		}
	}
}
