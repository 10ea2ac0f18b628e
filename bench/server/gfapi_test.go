package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// gfapiBytes is a multiple of 512: QEMU cannot read the end of other files
// over GlusterFS, whoever serves them.
const gfapiBytes = 5<<20 + 512

// GlusterFS's own library takes our server for glusterd and a brick.
func TestGfapiReads(t *testing.T) {
	if testing.Short() {
		skip.For(t, skip.Short, "GlusterFS's library takes its time to come and go")
	}
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: gfapiBytes, Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	// fio cannot be told a port: it wants glusterd's, at an address of our own.
	pid := os.Getpid()
	l, err := net.Listen("tcp", fmt.Sprintf("127.%d.%d.%d:24007", 128|pid>>16&63, pid>>8&255, pid&255|1))
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().(*net.TCPAddr).IP.String()
	startOn(t, tree, l)

	content := make([]byte, gfapiBytes)
	server.Pattern(3, 0, content)
	dir := t.TempDir()
	want, got := filepath.Join(dir, "want"), filepath.Join(dir, "got")
	if err := os.WriteFile(want, content, 0o644); err != nil {
		t.Fatal(err)
	}
	url := "gluster://" + l.Addr().String() + "/bench/file"

	t.Run("group", func(t *testing.T) { // ends before the server does
		t.Run("qemu-img convert", func(t *testing.T) {
			t.Parallel()
			run(t, "qemu-img", "convert", "-f", "raw", "-O", "raw", url, got)
			b, err := os.ReadFile(got)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, content) {
				t.Error("the copy differs from the file")
			}
		})
		t.Run("qemu-img compare", func(t *testing.T) {
			t.Parallel()
			run(t, "qemu-img", "compare", "-f", "raw", "-F", "raw", url, want)
		})
		t.Run("fio", func(t *testing.T) {
			t.Parallel()
			run(t, "fio", "--readonly", "--ioengine=gfapi", "--volume=bench", "--brick="+host, "--name=read",
				"--filename=file", "--rw=randread", "--bs=64k", "--size=4m")
		})
	})
}

// run fails the test unless the program ends well. gfapi takes ten seconds to
// end.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		skip.For(t, skip.Machine, name+" is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = t.TempDir() // fio leaves files
	if out, err := cmd.CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("Unknown protocol 'gluster'")) || bytes.Contains(out, []byte("engine gfapi not loadable")) {
			skip.For(t, skip.Machine, name+" is installed without GlusterFS")
		}
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}
