package bench

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"github.com/ringreadv/ringreadv/bench/server"
	"golang.org/x/sys/unix"
)

// ServeOptions say what the embedded server serves and where.
type ServeOptions struct {
	Dir    string // a real directory; or, if empty,
	Files  int    // so many synthetic files
	Size   int64  // of this size
	Listen string // host:port, port 0 for any
	// Congestion is the congestion control that connections are to use, if
	// the system lets them; empty leaves it to the system.
	Congestion string
}

// Serving is a server that is ready.
type Serving struct {
	URLs       map[string]string `json:"urls"` // of the volume, by protocol
	Congestion string            `json:"congestion"`
}

// Serve runs the embedded server until the context ends, which is no error. It
// calls ready once it listens.
func Serve(ctx context.Context, o ServeOptions, ready func(Serving)) error {
	tree, err := o.tree()
	if err != nil {
		return err
	}
	defer tree.Close()
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		if o.Congestion == "" {
			return nil
		}
		// What a listener has, the connections it accepts inherit. Refusal
		// is no failure: Serving says what is used.
		return c.Control(func(fd uintptr) {
			_ = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, o.Congestion)
		})
	}}
	l, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --listen", err)
	}
	s := server.New(server.Options{Tree: tree})
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	serving := Serving{URLs: make(map[string]string), Congestion: congestionOf(l)}
	for _, p := range []server.Protocol{server.Gluster, server.NFS3} {
		serving.URLs[string(p)] = s.URL(p, l.Addr(), "")
	}
	ready(serving)
	defer s.Close() // what connections say when they are cut off is no news
	return s.Serve(l)
}

func (o *ServeOptions) tree() (server.Tree, error) {
	if o.Dir != "" {
		t, err := server.Dir(o.Dir)
		if err != nil {
			err = fmt.Errorf("--dir: %w", err)
		}
		return t, err
	}
	return server.Synthetic(SyntheticFiles(o.Files, o.Size))
}

// SyntheticFiles are the files that the embedded server serves to a run; server
// and client make the same list.
func SyntheticFiles(count int, size int64) []server.SyntheticFile {
	list := make([]server.SyntheticFile, count)
	for i := range list {
		list[i] = server.SyntheticFile{Name: fmt.Sprintf("file%d", i+1), Size: size, Seed: uint64(i + 1)}
	}
	return list
}

// congestionOf is the name of the congestion control of a listener.
func congestionOf(l net.Listener) string {
	name := "unknown"
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		return name
	}
	_ = raw.Control(func(fd uintptr) {
		if s, err := unix.GetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION); err == nil {
			name = s
		}
	})
	return name
}
