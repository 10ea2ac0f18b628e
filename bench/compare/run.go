package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/size"
)

// Observer is told how it goes on. It is never called while something is measured.
type Observer struct {
	// Stage begins something that takes a while; news: unlike what was before.
	Stage func(what string, news bool)
	// Measuring: so many of all measurements are done, a contender in a cell is next.
	Measuring func(done, all int, left time.Duration, cell report.Case, contender string)
	// Done: all repetitions of a cell are there, or those that were complete when it
	// was broken off.
	Done func(r *report.Report, g *report.Group)
}

// Measure compares. With an error there is a report of what was measured until then.
func Measure(ctx context.Context, c Config, o Observer) (*report.Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	on := newPlacing(c.Pin)
	r := &report.Report{
		Schema: report.Schema, Command: report.CommandCompare, Started: time.Now().UTC().Truncate(time.Second), Host: bench.ThisHost(),
		Setup: report.Setup{ClientCPUs: bench.BoundTo(), Seconds: c.Time.Seconds(), Repeat: c.Repeat, Conns: c.Conns}, Runs: []report.Run{},
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
	for _, name := range c.servers() {
		m.all += m.planned(name)
	}
	r.Notes = m.alone()
	for _, name := range c.servers() {
		err := m.onServer(ctx, name)
		r.Interrupted = err != nil
		switch {
		case ctx.Err() != nil:
			return r, bench.Interrupted(m.done, m.all)
		case err != nil:
			return r, err
		}
	}
	if len(r.Runs) == 0 {
		return r, nobody(r)
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
	done, all  int // measurements
}

// alone tells who has one connection where several were asked for.
func (m *match) alone() []string {
	var names []string
	for _, k := range m.contenders {
		if way := k.way(&m.Config); way.Conns < m.Conns {
			names = append(names, k.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("--conns %d does not apply to %s: one connection", m.Conns, strings.Join(names, ", "))}
}

// planned is how many measurements there are on a server.
func (m *match) planned(server string) (n int) {
	for _, k := range m.contenders {
		for _, protocol := range k.protocols {
			if m.serves(server, protocol) {
				n += len(m.Blocks) * len(m.Depths) * m.Repeat
			}
		}
	}
	return n
}

// onServer does all cells on a server.
func (m *match) onServer(ctx context.Context, name string) error {
	m.Stage("server "+name, true)
	s, err := m.serve(ctx, name, m.on)
	if errors.Is(err, errors.ErrUnsupported) && len(m.Servers) > 1 {
		m.report.Absent = append(m.report.Absent, report.Absent{Case: report.Case{Server: name}, Way: "server " + name, Missing: true, Reason: report.Printable(err.Error())})
		m.all -= m.planned(name)
		return nil
	}
	if err != nil {
		return bench.Hint(err, otherServer[name])
	}
	m.report.Servers = append(m.report.Servers, s.Server)
	m.startFio(ctx, s)
	err = m.cells(ctx, s)
	return errors.Join(err, s.close())
}

func (m *match) cells(ctx context.Context, s *served) error {
	for _, protocol := range bothProtocols {
		if !m.serves(s.Name, protocol) {
			continue
		}
		for _, block := range m.Blocks {
			for _, depth := range m.Depths {
				first := len(m.report.Runs)
				cell := report.Case{
					Server: s.Name, Protocol: protocol, Job: report.JobMatrix, Pattern: bench.PatternSeq, BlockBytes: block, Depth: depth, Files: 1,
				}
				err := m.cell(ctx, s, cell)
				for _, g := range report.Groups(m.report.Runs[first:]) {
					m.Done(m.report, g)
				}
				if err != nil {
					return err
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
		return bench.Hint(fmt.Errorf("%s: the file has %s, less than a block of %s", s.URLs[cell.Protocol], size.Name(s.SizeBytes), size.Name(cell.BlockBytes)),
			"smaller blocks, with --bs")
	}
	entrants, err := m.enter(ctx, s, cell)
	defer func() { leave(entrants) }()
	if err != nil {
		return err
	}
	for repeat := range m.Repeat {
		complete := len(m.report.Runs)
		if repeat > 0 {
			if entrants, err = m.again(ctx, s, cell, entrants); err != nil {
				return err
			}
		}
		for i := range entrants {
			e := entrants[i]
			if repeat%2 == 1 {
				e = entrants[len(entrants)-1-i]
			}
			m.Measuring(m.done, m.all, m.Time*11/10*time.Duration(m.all-m.done), cell, e.Name)
			result, err := e.run(m.Time)
			if err != nil {
				m.report.Runs = m.report.Runs[:complete] // less than a repetition compares nothing
				return m.failed(ctx, s, cell, e.contender, err)
			}
			m.done++
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
			m.report.Absent = append(m.report.Absent, report.Absent{Case: cell, Way: k.Name, Missing: missing(err), Reason: report.Printable(err.Error())})
			m.all -= m.Repeat
		default:
			return entrants, m.failed(ctx, s, cell, k.contender, err)
		}
	}
	return entrants, nil
}

// again has contenders leave and come back as new processes with new connections: chance
// decides where memory lies and how a connection begins, and what it decides can last as
// long as the connection. That belongs to what differs from repetition to repetition.
func (m *match) again(ctx context.Context, s *served, cell report.Case, before []entrant) (now []entrant, err error) {
	leave(before)
	for _, e := range before {
		next, err := m.enterOne(ctx, s, cell, e.contender, nil)
		if err != nil {
			return now, m.failed(ctx, s, cell, e.contender, err)
		}
		now = append(now, next)
	}
	return now, nil
}

func leave(entrants []entrant) {
	for _, e := range entrants {
		e.close()
	}
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
