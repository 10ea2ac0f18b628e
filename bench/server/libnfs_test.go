package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// libnfs runs one of its programs.
func libnfs(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		skip.For(t, skip.Machine, name+" is not installed (Debian: libnfs-utils)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, args, err, errs.Bytes())
	}
	return out.Bytes()
}

// libnfs, a client that shares nothing with ours, reads from the server.
func TestLibnfsReads(t *testing.T) {
	for kind, tree := range trees(t) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o := server.Options{Tree: tree}
		startWith(t, o, l)
		t.Run(kind, func(t *testing.T) {
			want := make([]byte, fileBytes)
			server.Pattern(5, 0, want)
			if got := libnfs(t, "nfs-cat", server.New(o).URL(server.NFS3, l.Addr(), "file")); !bytes.Equal(got, want) {
				t.Errorf("nfs-cat gives %d bytes that are not those of the file", len(got))
			}
		})
	}
}

func TestLibnfsLists(t *testing.T) {
	dir := t.TempDir()
	makeFiles(t, dir)
	var want []string
	for i := range 300 {
		sub := filepath.Join(dir, "dir", fmt.Sprintf("sub%03d", i))
		if err := os.Mkdir(sub, 0o750); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("drwxr-x--- sub%03d", i))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := server.Options{Tree: openDir(t, dir)}
	startWith(t, o, l)
	// The order is libnfs's own affair.
	list := func(path string) (lines []string) {
		out := libnfs(t, "nfs-ls", server.New(o).URL(server.NFS3, l.Addr(), path))
		for line := range strings.Lines(string(out)) {
			f := strings.Fields(line) // mode, links, uid, gid, size, name
			if len(f) < 6 {
				t.Fatalf("nfs-ls: %q", line)
			}
			lines = append(lines, f[0]+" "+f[5])
		}
		slices.Sort(lines)
		return lines
	}
	if diff := cmp.Diff(slices.Insert(want, 0, "-rw-r--r-- inner"), list("dir")); diff != "" {
		t.Error(diff)
	}
	top := []string{"-rw------- empty", "-rw-r----- file", "drwxr-xr-x dir", "lrwxrwxrwx link"}
	if diff := cmp.Diff(top, list("")); diff != "" {
		t.Error(diff)
	}
}
