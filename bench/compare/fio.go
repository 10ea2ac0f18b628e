package compare

import (
	"context"
	"os/exec"
	"slices"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/readv/gluster"
)

// startFio finds out whether fio can read from the server, if it is to, and has the report
// say what is special about it.
func (m *match) startFio(ctx context.Context, s *served) {
	url := s.URLs[bench.ProtocolGluster]
	i := slices.IndexFunc(m.contenders, func(k named) bool { return k.fio })
	if i < 0 || !m.serves(s.Name, bench.ProtocolGluster) {
		return
	}
	m.Stage("trying fio", true)
	if s.fio, s.noFio = m.newFio(ctx, url, s.SizeBytes); s.noFio != nil {
		return
	}
	m.report.Notes = append(m.report.Notes, "fio is a process for each run: what one with a single read takes, measured right before, is subtracted")
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
