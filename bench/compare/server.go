package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport"
)

// served is a file on a server.
type served struct {
	report.Server
	// read fills p with what the file has at off, got without any contender.
	read  func(p []byte, off int64) error
	close func() error
	fio   *peers.Fio // to read it, if that is wanted
	noFio error      // why that cannot be
}

// serve starts a server, or finds the one that the URL names.
func (c *Config) serve(ctx context.Context, name string, on *placing) (*served, error) {
	switch name {
	case ServerEmbedded:
		return c.embedded(ctx, on)
	case ServerStub:
		return c.stub(ctx, on)
	}
	return c.remote(ctx)
}

func (c *Config) embedded(ctx context.Context, on *placing) (*served, error) {
	file := bench.SyntheticFiles(1, c.SizeBytes)[0]
	var p *bench.ServerProcess
	err := on.server(func() (err error) {
		p, err = bench.StartServer(ctx, 1, c.SizeBytes, false, "--glusterd")
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &served{Server: report.Server{Name: ServerEmbedded, URLs: make(map[string]string), SizeBytes: c.SizeBytes, Congestion: p.Congestion}, close: p.Close}
	for protocol, volume := range p.URLs {
		if s.URLs[protocol], err = bench.ChildURL(volume, file.Name); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	s.read = func(b []byte, off int64) error {
		server.Pattern(file.Seed, off, b)
		return nil
	}
	return s, nil
}

// stubTimeout is how long the stub may take to listen, and to end.
const stubTimeout = 10 * time.Second

func (c *Config) stub(ctx context.Context, on *placing) (*served, error) {
	path, err := peers.Stub.Build(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting it: %w", err)
	}
	cmd := exec.Command(path, fmt.Sprint(c.SizeBytes))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := on.server(cmd.Start); err != nil {
		return nil, err
	}
	stop := func() error {
		in.Close()
		kill := time.AfterFunc(stubTimeout, func() { cmd.Process.Kill() })
		defer kill.Stop()
		return cmd.Wait()
	}
	var port int
	var congestion string
	kill := time.AfterFunc(stubTimeout, func() { cmd.Process.Kill() })
	_, err = fmt.Fscanln(out, &port, &congestion)
	kill.Stop()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the stub said nothing: %w", err), stop())
	}
	url := fmt.Sprintf("nfs://127.0.0.1/stub/file?nfsport=%d&mountport=%[1]d", port)
	return &served{
		Server: report.Server{Name: ServerStub, URLs: map[string]string{bench.ProtocolNFS3: url}, SizeBytes: c.SizeBytes, Congestion: congestion}, close: stop,
		read: func(b []byte, _ int64) error { clear(b); return nil },
	}, nil
}

func (c *Config) remote(ctx context.Context) (*served, error) {
	found, err := bench.Look(ctx, c.URL, transport.EngineAuto)
	if err != nil {
		return nil, err
	}
	defer found.Volume.Close()
	if found.Info.IsDir() {
		return nil, bench.Hint(fmt.Errorf("%s: a directory; contenders read one file", c.URL), bench.ListCommand(c.URL)+", and the URL of a file in it")
	}
	if !found.Info.Mode().IsRegular() {
		return nil, bench.Hint(fmt.Errorf("%s: no regular file (%v)", c.URL, found.Info.Mode()), "another file")
	}
	ref, err := bench.OpenReference(ctx, c.URL)
	if err != nil {
		return nil, err
	}
	return &served{
		Server: report.Server{Name: ServerURL, URLs: map[string]string{bench.ProtocolOf(c.URL): c.URL}, SizeBytes: found.Info.Size()}, close: ref.Close,
		read: func(b []byte, off int64) error {
			n, err := ref.ReadAt(b, off)
			if n == len(b) {
				return nil
			}
			return bench.Explain(bench.ReadError(err, c.URL, off, len(b), n), "reading over a plain connection, to compare with", c.URL)
		},
	}, nil
}
