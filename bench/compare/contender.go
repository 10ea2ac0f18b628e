package compare

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"slices"
	"strconv"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
)

// contender is a way of reading that is compared.
type contender struct {
	report.Way
	ours      bool     // a uringbench reads, with as many connections as are asked for
	protocols []string // it reads by
	// command has a child of package peers read; of fio there is none.
	command func(ctx context.Context, c *Config, w work) (*exec.Cmd, error)
	fio     bool
}

// way is the contender as reports have it.
func (k *contender) way(c *Config) report.Way {
	w := k.Way
	if k.ours {
		w.Conns = c.Conns
	}
	return w
}

// work is what a contender is to read.
type work struct {
	url          string
	size         int64 // of the file
	block, depth int
}

var (
	nfsOnly       = []string{bench.ProtocolNFS3}
	glusterOnly   = []string{bench.ProtocolGluster}
	bothProtocols = []string{bench.ProtocolNFS3, bench.ProtocolGluster}
)

// ours is this uringbench, or another.
func ours(engine, program string, flags []string) func(context.Context, *Config, work) (*exec.Cmd, error) {
	return func(_ context.Context, c *Config, w work) (*exec.Cmd, error) {
		self := []string{program}
		if program == "" {
			self = c.self()
			if err := canRun(engine); err != nil {
				return nil, err
			}
		}
		args := slices.Concat(self, []string{"contender"}, flags,
			[]string{"--conns", strconv.Itoa(c.Conns), w.url, strconv.Itoa(w.block), strconv.Itoa(w.depth)})
		return exec.Command(args[0], args[1:]...), nil
	}
}

// canRun reports why an engine of the library cannot be had here.
func canRun(engine string) error {
	kind, err := transport.ParseEngineKind(engine)
	if err != nil {
		return nil // it is none of the library
	}
	_, err = bench.EngineHere(kind)
	return err
}

// missing reports whether an error is that something is not there on this machine.
func missing(err error) bool {
	var forbidden *ring.ForbiddenError
	return errors.Is(err, errors.ErrUnsupported) || errors.As(err, &forbidden)
}

func (c *Config) self() []string {
	if len(c.Self) == 0 {
		return []string{"/proc/self/exe"}
	}
	return c.Self
}

func nfsLoop(ctx context.Context, _ *Config, w work) (*exec.Cmd, error) {
	path, err := peers.NFSLoop.Build(ctx)
	if err != nil {
		return nil, err
	}
	address, handle, err := bench.NFSHandle(ctx, w.url)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return exec.Command(path, host, port, handle.String(),
		strconv.FormatInt(w.size, 10), strconv.Itoa(w.block), strconv.Itoa(w.depth)), nil
}

func libnfs(ctx context.Context, _ *Config, w work) (*exec.Cmd, error) {
	path, err := peers.Libnfs.Build(ctx)
	if err != nil {
		return nil, err
	}
	return exec.Command(path, w.url, strconv.Itoa(w.block), strconv.Itoa(w.depth)), nil
}

func libgfapi(ctx context.Context, _ *Config, w work) (*exec.Cmd, error) {
	path, err := peers.Gfapi.Build(ctx)
	if err != nil {
		return nil, err
	}
	l, err := gluster.ParseURL(w.url)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(l.Server)
	if err != nil {
		return nil, err
	}
	return exec.Command(path, host, port, l.Volume, l.Path, strconv.Itoa(w.block), strconv.Itoa(w.depth)), nil
}
