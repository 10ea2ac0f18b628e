package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/transport"
)

// What the tests of uringbench do not provoke, because it takes long or another network.
func TestHints(t *testing.T) {
	const url = "nfs://storage1/export/file?nfsport=1&mountport=2"
	for _, c := range []struct {
		err        error
		what, want string
	}{
		{&transport.ConnError{Peer: "storage1:1", Err: transport.ErrSilent}, url, "whether the server can be reached"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, url, "ip route get storage1: "},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}, url, "ip route get storage1: "},
		{&gluster.BrickDownError{Err: errors.New("x")}, "gluster://storage1/v/f", "gluster volume status"},
		{&gluster.UnsupportedVolumeError{Volume: "v"}, "gluster://storage1/v/f", "a volume of one brick"},
		{syscall.EACCES, url, "the file's mode and owner"},
		{syscall.EIO, url, ""},
		{&ShortReadError{URL: "nfs://storage1/export/other"}, url, "whether somebody truncated the file"},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, url, "whether the server still runs"},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, url, "whether the server still runs"},
		{io.ErrUnexpectedEOF, url, "whether the server still runs"},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.EIO)}, url, ""},
		{syscall.EDQUOT, "/srv/x.json", "a place with room"},
		{syscall.EROFS, "/srv/x.json", "a place where you may"},
		{&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}, "127.0.0.1:80", "a port above 1023"},
		{fmt.Errorf("%w\n  try: what it says itself", syscall.ENOSPC), "/srv/x.json", "what it says itself"},
	} {
		text := Explain(c.err, "doing", c.what).Error()
		before, try, found := strings.Cut(text, "\n  try: ")
		if found != (c.want != "") || !strings.HasPrefix(try, c.want) || strings.Contains(try, "\n") {
			t.Errorf("%q, want to be told to try %q", text, c.want)
		}
		if !strings.HasPrefix(before, c.what+": doing: ") || !errors.Is(Explain(c.err, "doing", c.what), c.err) {
			t.Errorf("%q", text)
		}
	}
	if err := Explain(nil, "doing", url); err != nil {
		t.Error(err)
	}
}
