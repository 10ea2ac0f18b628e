package bench

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/xdrwire"
	"golang.org/x/sys/unix"
)

// ServeOptions say what the embedded server serves and where.
type ServeOptions struct {
	Dir    string // a real directory; or, if empty,
	Files  int    // so many synthetic files
	Size   int64  // of this size
	Listen string // host:port, port 0 for any
	// Glusterd has it listen on port 24007 of a loopback address of its own instead
	// of Listen, if it can: that is where GlusterFS's clients look that cannot be
	// told a port.
	Glusterd bool
	// Congestion is the congestion control that connections are to use, if
	// the system lets them; empty leaves it to the system.
	Congestion string
	// Fragment is the most bytes that a fragment of a reply has; 0: no bound, up
	// to [MaxFragment].
	Fragment int
	// Shuffle seeds the order of replies to calls that came together; 0: theirs.
	Shuffle uint64
}

// MaxFragment is what a record mark can say.
const MaxFragment = xdrwire.MaxFragmentBytes

// Serving is a server that is ready.
type Serving struct {
	URLs       map[string]string `json:"urls"` // of the volume, by protocol
	Congestion string            `json:"congestion"`
}

// Serve runs the embedded server until the context ends, which is no error. It
// calls ready once it listens, and ends if that fails.
func Serve(ctx context.Context, o ServeOptions, ready func(Serving) error) error {
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
	l, err := o.listen(ctx, &lc)
	if err != nil {
		return Explain(err, "--listen", o.Listen)
	}
	s := server.New(server.Options{Tree: tree, Fragment: o.Fragment, Shuffle: o.Shuffle})
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	serving := Serving{URLs: make(map[string]string), Congestion: congestionOf(l)}
	for _, p := range []server.Protocol{server.Gluster, server.NFS3} {
		serving.URLs[string(p)] = s.URL(p, l.Addr(), "")
	}
	defer s.Close() // what connections say when they are cut off is no news
	if err := ready(serving); err != nil {
		l.Close()
		return err
	}
	return s.Serve(l)
}

func (o *ServeOptions) listen(ctx context.Context, lc *net.ListenConfig) (net.Listener, error) {
	if o.Glusterd {
		pid := os.Getpid()
		own := fmt.Sprintf("127.%d.%d.%d:%s", 64|pid>>16&63, pid>>8&255, pid&255|1, gluster.DefaultPort)
		if l, err := lc.Listen(ctx, "tcp4", own); err == nil {
			return l, nil
		}
	}
	return lc.Listen(ctx, "tcp", o.Listen)
}

func (o *ServeOptions) tree() (server.Tree, error) {
	if o.Dir != "" {
		t, err := server.Dir(o.Dir)
		if info, statErr := os.Stat(o.Dir); err != nil && statErr == nil && !info.IsDir() {
			err = syscall.ENOTDIR // which os.OpenRoot has for people alone
		}
		return t, Explain(err, "--dir", o.Dir)
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
