package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// bigDir holds the entries that nameOf names.
func bigDir(t *testing.T, count int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range count {
		if err := os.WriteFile(filepath.Join(dir, nameOf(i)), make([]byte, i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// nameOf has all lengths of padding, and sorts by i.
func nameOf(i int) string { return fmt.Sprintf("%04d", i) + "xyz"[:i%4] }

func TestReaddirplus(t *testing.T) {
	const count = 300
	addr := start(t, openDir(t, bigDir(t, count)))
	want := []string{".", ".."}
	for i := range count {
		want = append(want, nameOf(i))
	}
	for _, size := range []uint32{300, 1000, 4096, 64 << 10, 1<<32 - 1} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			c := dialNFS(t, addr)
			root := c.mustMnt("/bench")
			var got []string
			a := nfs3.ReaddirplusArgs{Dir: root, DirCount: size, MaxCount: size}
			for calls := 0; ; calls++ {
				if calls%2 == 1 { // cookies outlive the connection
					c = dialNFS(t, addr)
				}
				r, n := c.readdirplus(a)
				if r.Status != nfs3.StatusOK || calls > len(want) {
					t.Fatalf("call %d: %v", calls, r.Status)
				}
				if n > int(size) {
					t.Errorf("call %d: reply of %d bytes", calls, n)
				}
				for e := range r.Entries.All() {
					got = append(got, e.Name)
					a.Cookie = e.Cookie
					if g := c.getattr(e.Handle.Handle); !e.Handle.Present || !e.Attr.Present || g.Attr != e.Attr.Attr || e.FileID != g.Attr.FileID {
						t.Errorf("entry %+v, its attributes %+v", e, g)
					}
				}
				a.Verifier = r.Verifier
				if r.EOF {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if r, _ := c.readdirplus(a); r.Status != nfs3.StatusOK || !r.EOF || r.Entries.Bytes() != 0 {
				t.Errorf("after the last entry: %v, EOF %v, %d bytes", r.Status, r.EOF, r.Entries.Bytes())
			}
		})
	}
}

func TestReaddirplusErrors(t *testing.T) {
	dir := bigDir(t, 100)
	c := dialNFS(t, start(t, openDir(t, dir)))
	root := c.mustMnt("/bench")
	whole := nfs3.ReaddirplusArgs{Dir: root, DirCount: 4096, MaxCount: 4096}
	first, _ := c.readdirplus(whole)
	last := slices.Collect(first.Entries.All())
	next := whole
	next.Cookie, next.Verifier = last[len(last)-1].Cookie, first.Verifier
	if r, _ := c.readdirplus(next); r.Status != nfs3.StatusOK {
		t.Fatalf("the second reply: %v", r.Status)
	}

	otherVerifier, beyond, small, file := next, next, whole, whole
	otherVerifier.Verifier[0]++
	beyond.Cookie = 103
	small.MaxCount = 200
	file.Dir = c.find(root, nameOf(0))
	for name, tt := range map[string]struct {
		args nfs3.ReaddirplusArgs
		want nfs3.Status
	}{
		"another verifier": {otherVerifier, nfs3.StatusBadCookie},
		"cookie too high":  {beyond, nfs3.StatusBadCookie},
		"no room":          {small, nfs3.StatusTooSmall},
		"a file":           {file, nfs3.StatusNotDir},
	} {
		if r, _ := c.readdirplus(tt.args); r.Status != tt.want {
			t.Errorf("%s: %v, want %v", name, r.Status, tt.want)
		}
	}

	// Who has begun goes on in what it has begun; who comes anew cannot.
	if r, _ := c.readdirplus(whole); r.Verifier != first.Verifier {
		t.Error("the verifier changed though the directory did not")
	}
	if err := os.Remove(filepath.Join(dir, nameOf(50))); err != nil {
		t.Fatal(err)
	}
	if r, _ := c.readdirplus(next); r.Status != nfs3.StatusOK {
		t.Errorf("on the connection that began before a removal: %v", r.Status)
	}
	if r, _ := dialNFS(t, c.net.RemoteAddr().String()).readdirplus(next); r.Status != nfs3.StatusBadCookie {
		t.Errorf("on another connection after a removal: %v, want BAD_COOKIE", r.Status)
	}
}
