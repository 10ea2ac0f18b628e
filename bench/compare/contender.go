package compare

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/transport"
)

// contender is a way of reading that is compared.
type contender struct {
	report.Way          // its name; the connections are those of Config if it is ours
	protocols  []string // it reads by
	command    func(ctx context.Context, c *Config, w work) (*exec.Cmd, error)
}

// work is what a contender is to read.
type work struct {
	url          string
	size         int64 // of the file
	block, depth int
}

var bothProtocols = []string{bench.ProtocolNFS3, bench.ProtocolGluster}

// Contender names.
const (
	Uring         = "uring"
	Poller        = "poller"
	NetConnCopy   = "netconn-copy"
	NetConnDirect = "netconn-direct"
	NFSLoop       = "nfsloop"
	Libnfs        = "libnfs"
	Libgfapi      = "libgfapi"
)

// defaultContenders are those that everybody has or can install, ours first.
var defaultContenders = []string{Uring, NetConnCopy, NetConnDirect, NFSLoop, Libnfs, Libgfapi}

func contenderOf(name string) (contender, error) {
	switch name {
	case NetConnCopy, NetConnDirect:
		_, placement, _ := strings.Cut(name, "-")
		way := report.Way{Name: name, Engine: bench.EngineNetConn, Placement: placement}
		return contender{way, bothProtocols, ours("", "--engine", way.Engine, "--placement", way.Placement)}, nil
	case NFSLoop:
		return contender{inC(name), []string{bench.ProtocolNFS3}, nfsLoop}, nil
	case Libnfs:
		return contender{inC(name), []string{bench.ProtocolNFS3}, libnfs}, nil
	case Libgfapi:
		return contender{inC(name), []string{bench.ProtocolGluster}, libgfapi}, nil
	}
	rest, program, _ := strings.Cut(name, "@")
	rest, moderation, moderated := strings.Cut(rest, "+")
	if kind, plan, hasPlan := strings.Cut(rest, ":"); kind == Uring || kind == Poller {
		if !hasPlan {
			plan = transport.PlanAuto.String()
		}
		// Which plans there are the program knows, which may be older.
		flags := []string{"--engine", kind, "--plan", plan}
		if moderation == "off" {
			moderation = "-1ns"
		}
		if moderated {
			flags = append(flags, "--moderation", moderation)
		}
		way := report.Way{Name: name, Engine: kind, Placement: bench.PlacementDirect, Plan: plan}
		return contender{way, bothProtocols, ours(program, flags...)}, nil
	}
	return contender{}, fmt.Errorf("no contender is called %q; there are %s", name, Names())
}

// inC is the way of a program in C, which has one connection.
func inC(name string) report.Way { return report.Way{Name: name, Engine: name, Conns: 1} }

// way is the contender as reports have it.
func (k *contender) way(c *Config) report.Way {
	w := k.Way
	if w.Conns == 0 {
		w.Conns = c.Conns
	}
	return w
}

// ours is this uringbench, or another.
func ours(program string, flags ...string) func(context.Context, *Config, work) (*exec.Cmd, error) {
	return func(_ context.Context, c *Config, w work) (*exec.Cmd, error) {
		self := c.self()
		if program != "" {
			self = []string{program}
		}
		args := slices.Concat(self, []string{"contender"}, flags,
			[]string{"--conns", strconv.Itoa(c.Conns), w.url, strconv.Itoa(w.block), strconv.Itoa(w.depth)})
		return exec.Command(args[0], args[1:]...), nil
	}
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
