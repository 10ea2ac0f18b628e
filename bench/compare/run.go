package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
)

// Observer is told how it goes on: what is done next, and when all runs of a cell are
// there. It is never called while something is measured.
type Observer struct {
	Stage func(what string, news bool) // news: unlike what was before
	Done  func(r *report.Report, g *report.Group)
}

// Measure compares. With an error there is a report of what was measured until then.
func Measure(ctx context.Context, c Config, o Observer) (*report.Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	on := newPlacing(c.Pin)
	r := &report.Report{
		Schema: report.Schema, Command: report.CommandCompare, Started: time.Now().UTC().Truncate(time.Second), Host: bench.ThisHost(),
		Setup: report.Setup{Seconds: c.Time.Seconds(), Repeat: c.Repeat}, Runs: []report.Run{},
	}
	if c.Check {
		r.Setup.Checked = "compared with the file's before measuring"
	}
	if on.pinned {
		r.Setup.ClientCPUs = bench.CPUNames(&on.clientCPUs)
		if c.URL == "" {
			r.Setup.ServerCPUs = bench.CPUNames(&on.serverCPUs)
		}
	}
	m := &match{Config: c, Observer: o, on: on, report: r, contenders: c.contenders()}
	servers := c.Servers
	if c.URL != "" {
		servers = []string{ServerURL}
	}
	for _, name := range servers {
		if err := m.onServer(ctx, name); err != nil {
			return r, err
		}
	}
	if len(r.Runs) == 0 {
		return r, errors.New("nothing to compare: no contender reads from these servers by these protocols")
	}
	return r, nil
}

// match is a Measure under way.
type match struct {
	Config
	Observer
	on         *placing
	report     *report.Report
	contenders []named
}

// onServer does all cells on a server.
func (m *match) onServer(ctx context.Context, name string) error {
	m.Stage("server "+name, true)
	s, err := m.serve(ctx, name, m.on)
	if errors.Is(err, errors.ErrUnsupported) && len(m.Servers) > 1 {
		m.report.Absent = append(m.report.Absent, report.Absent{Case: report.Case{Server: name}, Way: "server " + name, Missing: true, Reason: err.Error()})
		return nil
	}
	if err != nil {
		return err
	}
	m.report.Servers = append(m.report.Servers, s.Server)
	m.startFio(ctx, s)
	err = m.cells(ctx, s)
	return errors.Join(err, s.close())
}

// reads reports whether a protocol is wanted.
func (m *match) reads(protocol string) bool {
	return m.URL != "" || slices.Contains(m.Protocols, protocol)
}

func (m *match) cells(ctx context.Context, s *served) error {
	for _, protocol := range bothProtocols {
		if s.URLs[protocol] == "" || !m.reads(protocol) {
			continue
		}
		for _, block := range m.Blocks {
			for _, depth := range m.Depths {
				first := len(m.report.Runs)
				cell := report.Case{
					Server: s.Name, Protocol: protocol, Job: report.JobMatrix, Pattern: bench.PatternSeq, BlockBytes: block, Depth: depth, Files: 1,
				}
				if err := m.cell(ctx, s, cell); err != nil {
					return err
				}
				for _, g := range report.Groups(m.report.Runs[first:]) {
					m.Done(m.report, g)
				}
			}
		}
	}
	return nil
}

// entrant is a contender that is connected, or will be when it is its turn.
type entrant struct {
	contender
	peers.Reader
	close func()
}

func (m *match) cell(ctx context.Context, s *served, cell report.Case) error {
	if int64(cell.BlockBytes) > s.SizeBytes {
		return fmt.Errorf("the file has %d bytes, less than a block of %d; choose smaller blocks with --bs", s.SizeBytes, cell.BlockBytes)
	}
	entrants, err := m.enter(ctx, s, cell)
	defer func() {
		for _, e := range entrants {
			e.close()
		}
	}()
	if err != nil {
		return err
	}
	for repeat := range m.Repeat {
		m.Stage(fmt.Sprintf("%s: measuring %d of %d", cell, repeat+1, m.Repeat), repeat == 0)
		for i := range entrants {
			e := entrants[i]
			if repeat%2 == 1 {
				e = entrants[len(entrants)-1-i]
			}
			result, err := e.run(m.Time)
			if err != nil {
				return failed(ctx, cell, e.contender, err)
			}
			m.report.Runs = append(m.report.Runs, report.Run{Case: cell, Way: e.way(&m.Config), Repeat: repeat + 1, Figures: result.Figures()})
		}
	}
	return nil
}

// enter has all contenders connect, and read what is compared with the file.
func (m *match) enter(ctx context.Context, s *served, cell report.Case) (entrants []entrant, err error) {
	var checks []checked
	if m.Check {
		m.Stage(fmt.Sprintf("%s: reading what to compare bytes with", cell), true)
		if checks, err = s.checks(cell.BlockBytes, cell.Depth); err != nil {
			return nil, err
		}
	}
	for _, k := range m.contenders {
		if !slices.Contains(k.protocols, cell.Protocol) {
			continue
		}
		m.Stage(fmt.Sprintf("%s: connecting %s and comparing bytes", cell, k.Name), false)
		e, err := m.enterOne(ctx, s, cell, k.contender, checks)
		switch {
		case err == nil:
			entrants = append(entrants, e)
		case m.mayMiss(ctx, k, err):
			m.report.Absent = append(m.report.Absent, report.Absent{Case: cell, Way: k.Name, Missing: missing(err), Reason: err.Error()})
		default:
			return entrants, failed(ctx, cell, k.contender, err)
		}
	}
	return entrants, nil
}

// mayMiss reports whether there is something to compare without a contender: it was
// not asked for by name. Bytes that are wrong are forgiven others.
func (m *match) mayMiss(ctx context.Context, k named, err error) bool {
	var wrong *WrongBytesError
	return ctx.Err() == nil && k.byGroup && !(k.ours && errors.As(err, &wrong))
}

func (m *match) enterOne(ctx context.Context, s *served, cell report.Case, k contender, checks []checked) (entrant, error) {
	if k.fio {
		if s.noFio != nil {
			return entrant{}, s.noFio
		}
		return entrant{k, s.fio.Reader(ctx, cell.BlockBytes, cell.Depth, m.startClient), func() {}}, nil
	}
	cmd, err := k.command(ctx, &m.Config, work{s.URLs[cell.Protocol], s.SizeBytes, cell.BlockBytes, cell.Depth})
	if err != nil {
		return entrant{}, err
	}
	child, err := peers.Start(ctx, cmd, cell.BlockBytes, func() error { return m.startClient(cmd) })
	if err != nil {
		return entrant{}, err
	}
	for _, c := range checks {
		sum, err := child.Check(c.off, c.blocks)
		if err == nil && sum != c.sum {
			err = &WrongBytesError{c.off, c.blocks * cell.BlockBytes}
		}
		if err != nil {
			child.Close()
			return entrant{}, err
		}
	}
	return entrant{k, child, child.Close}, nil
}

// run warms up for a tenth of the time and then measures. A process that lives for one
// run cannot be warmed up.
func (e entrant) run(d time.Duration) (peers.Result, error) {
	if !e.fio {
		if _, err := e.Run(max(d/10, time.Millisecond)); err != nil {
			return peers.Result{}, err
		}
	}
	return e.Run(d)
}

func failed(ctx context.Context, cell report.Case, k contender, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%s: %s: %w", cell, k.Name, err)
}
