//go:build linux

package nfs

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
)

// A handle from before a restart, to a file that has been removed, is what the
// server calls stale; one to a file that is still there stays good.
func TestRealStaleHandle(t *testing.T) {
	s := peers.NewGanesha(t)
	for _, name := range []string{"removed", "kept"} {
		if err := os.WriteFile(s.Export.Dir+"/"+name, []byte("bytes"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := transport.NewEngine(transport.Options{})
	var forbidden *ring.ForbiddenError
	if errors.As(err, &forbidden) {
		skip.Forbidden(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx := context.Background()
	host, _, _ := net.SplitHostPort(s.Addr())
	var leave []func()
	defer func() {
		for _, f := range leave {
			f()
		}
	}()
	dial := func() *Volume {
		conns := backend.NewConns([]*transport.Engine{e}, backend.ConnsOptions{Logger: slog.New(slog.DiscardHandler)})
		v, err := Dial(ctx, conns, Location{Server: host, Path: s.Export.Path, NFSPort: s.NFSPort, MountPort: s.MountPort}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, conns.Stop, v.Leave)
		return v
	}
	before := dial()
	handles := map[string]*file{}
	for _, name := range []string{"removed", "kept"} {
		f, err := before.Open(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		handles[name] = f.(*file)
	}
	if err := os.Remove(s.Export.Dir + "/removed"); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	s.Start(t)
	after := dial()
	for name, want := range map[string]error{"removed": syscall.ESTALE, "kept": nil} {
		f := &file{volume: after, handle: handles[name].handle, base: name}
		p := make([]byte, 5)
		r := &backend.Read{Asked: len(p)}
		r.Call.Reply, r.Call.Iovs = r, [][]byte{p}
		if err := f.Prepare(r, 0, 0, len(p)); err != nil {
			t.Fatal(err)
		}
		if err := e.NewQueue(1).Do(ctx, &r.Call); !errors.Is(err, want) || want == nil && string(p) != "bytes" {
			t.Errorf("%s: %q, %v", name, p, err)
		}
		if _, err := f.Stat(ctx); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
