package backend

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// memTree maps full names to what they are: "dir", "file" or "-> target".
type memTree map[string]string

type memNode struct{ path, is string }

func (n memNode) IsDir() bool  { return n.is == "dir" }
func (n memNode) IsLink() bool { return strings.HasPrefix(n.is, "-> ") }

func (m memTree) Lookup(_ context.Context, dir memNode, name string) (memNode, error) {
	p := dir.path + "/" + name
	if is, ok := m[p]; ok {
		return memNode{p, is}, nil
	}
	return memNode{}, fs.ErrNotExist
}

func (m memTree) Readlink(_ context.Context, n memNode) (string, error) {
	return strings.TrimPrefix(n.is, "-> "), nil
}

func TestWalk(t *testing.T) {
	tree := memTree{
		"/file": "file", "/dir": "dir", "/dir/sub": "dir", "/dir/sub/x": "file",
		"/dir/up": "-> ../file", "/abs": "-> /dir/sub", "/out": "-> ../../../file", "/loop": "-> loop",
		"/chain": "-> dir/up", "/dangling": "-> nothing", "/dots": "-> ./dir/./sub/..//sub",
	}
	for _, c := range []struct {
		name, want string
		err        error
	}{
		{".", "", nil},
		{"file", "/file", nil},
		{"dir/sub/x", "/dir/sub/x", nil},
		{"dir//sub/./x", "/dir/sub/x", nil},
		{"dir/../file", "/file", nil},
		{"../../file", "/file", nil},
		{"dir/up", "/file", nil},
		{"abs/x", "/dir/sub/x", nil},
		{"out", "/file", nil},
		{"chain", "/file", nil},
		{"dots/x", "/dir/sub/x", nil},
		{"loop", "", syscall.ELOOP},
		{"dangling", "", fs.ErrNotExist},
		{"file/x", "", syscall.ENOTDIR},
		{"dir/up/x", "", syscall.ENOTDIR},
		{"nothing/x", "", fs.ErrNotExist},
	} {
		n, err := Walk(context.Background(), tree, memNode{"", "dir"}, c.name)
		if n.path != c.want || !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: %q, %v; want %q, %v", c.name, n.path, err, c.want, c.err)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"": ".", ".": ".", "/": ".", "a": "a", "/a//b/": "a/b", "a/../../b": "b", "../..": ".",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnixMode(t *testing.T) {
	for in, want := range map[uint32]fs.FileMode{
		syscall.S_IFREG | 0o644:  0o644,
		syscall.S_IFDIR | 0o1777: fs.ModeDir | fs.ModeSticky | 0o777,
		syscall.S_IFREG | 0o6755: fs.ModeSetuid | fs.ModeSetgid | 0o755,
		syscall.S_IFLNK | 0o777:  fs.ModeSymlink | 0o777,
		syscall.S_IFBLK:          fs.ModeDevice,
		syscall.S_IFCHR:          fs.ModeDevice | fs.ModeCharDevice,
		syscall.S_IFIFO | 0o600:  fs.ModeNamedPipe | 0o600,
		syscall.S_IFSOCK:         fs.ModeSocket,
	} {
		if got := UnixMode(in); got != want {
			t.Errorf("UnixMode(%o) = %v, want %v", in, got, want)
		}
	}
}
