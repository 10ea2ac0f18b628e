package compare

import (
	"context"
	"fmt"
	"os/exec"
	"slices"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/readv/gluster"
)

// startFio measures what it takes fio to start, if it is to read from the server, and
// has the report say so.
func (m *match) startFio(ctx context.Context, s *served) {
	url := s.URLs[bench.ProtocolGluster]
	i := slices.IndexFunc(m.contenders, func(k named) bool { return k.fio })
	if i < 0 || !m.serves(s.Name, bench.ProtocolGluster) {
		return
	}
	m.Stage("measuring what it takes fio to start", true)
	if s.fio, s.noFio = m.newFio(ctx, url, s.SizeBytes); s.noFio != nil {
		return
	}
	cost := s.fio.StartUp
	m.report.Notes = append(m.report.Notes, fmt.Sprintf(
		"fio is a process for each run: what one with a single read takes, %.2f s of CPU time and %d wake-ups, is subtracted", (cost.User+cost.System).Seconds(), cost.Wakeups))
	if m.Check {
		m.report.Setup.Checked += ", but not fio's: it hands none out"
	}
}

func (m *match) newFio(ctx context.Context, url string, size int64) (*peers.Fio, error) {
	l, err := gluster.ParseURL(url)
	if err != nil {
		return nil, err
	}
	return peers.NewFio(ctx, peers.FioFile{Server: l.Server, Volume: l.Volume, Path: l.Path, SizeBytes: size}, m.startClient)
}

// startClient starts a process where contenders are to run.
func (m *match) startClient(cmd *exec.Cmd) error { return m.on.client(cmd.Start) }
