package chaos

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/ci/peers"
)

// Real servers answer in their own order, and end connections for reasons of their
// own.

// realContent is what is in the file.
func realContent() []byte {
	b := make([]byte, 3<<20+4321)
	for i := range b {
		b[i] = byte(uint64(i) * 0x9E3779B97F4A7C15 >> 56)
	}
	return b
}

func tryReal(t *testing.T, url string) {
	t.Helper()
	r, err := Run(t.Context(), Config{URL: url, Time: 2 * time.Second, Seed: 5, Files: 1, SizeBytes: maxReadBytes * 4}, &bench.Console{})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Legs[0]
	if err := r.Err(); err != nil || l.Verified == 0 || l.Reconnects == 0 || l.Resends == 0 {
		t.Errorf("%+v: %v", l, err)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Error(err)
	}
	t.Logf("%s\n%s", url, &b)
}

func TestRealBrick(t *testing.T) {
	s := peers.Gluster(t)
	name := s.Volume.Scratch(t) + "/file"
	s.Volume.Put(t, name, realContent())
	tryReal(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+name)
}

func TestRealGanesha(t *testing.T) {
	s := peers.Ganesha(t)
	dir, err := os.MkdirTemp(s.Export.Dir, "test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/file", realContent(), 0o644); err != nil {
		t.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(s.Addr())
	tryReal(t, fmt.Sprintf("nfs://%s%s/%s/file?nfsport=%d&mountport=%d", host, s.Export.Path, filepath.Base(dir), s.NFSPort, s.MountPort))
}
