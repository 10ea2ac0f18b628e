package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/ring"
)

// Observer is told how a run goes on. It is called by one goroutine, never
// while something is measured.
type Observer interface {
	// Stage begins something that takes a while.
	Stage(what string)
	// Ready: what follows is measuring, on the report's ground.
	Ready(r *report.Report)
	// Measuring: so many of all measurements are done, c is next.
	Measuring(done, all int, left time.Duration, c Case)
	// JobDone: all repetitions of a job are there, or those until it was broken
	// off.
	JobDone(job report.Job, runs []report.Run)
}

// Measure measures everything the configuration asks for. With an error there may be
// a report of what was measured until then.
func Measure(ctx context.Context, c Config, o Observer) (*report.Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var err error
	if c.Engines, err = resolveEngines(c.Engines); err != nil {
		return nil, err
	}
	r := &report.Report{
		Schema: report.Schema, Command: report.CommandRun, Started: time.Now().UTC().Truncate(time.Second), Host: ThisHost(), Runs: []report.Run{},
	}
	if len(c.URLs) == 0 {
		o.Stage("starting the embedded server")
	} else {
		o.Stage("looking for the files")
	}
	t, err := openTarget(ctx, &c)
	if err != nil {
		return nil, err
	}
	b := &runner{Config: c, ctx: ctx, target: t, observer: o, report: r}
	return b.report, errors.Join(b.run(), b.close())
}

// runner is a Measure under way.
type runner struct {
	Config
	ctx      context.Context
	target   *target
	observer Observer
	report   *report.Report
	sessions []*session // in the order of ways
	digests  *digests
	arena    *ring.Arena
	buffers  []byte // all of the arena
	depth    int    // the most reads in flight
	done     int
}

func (b *runner) run() error {
	works := b.works()
	whole := b.target.wholeWork(works)
	most := whole.bufferBytes()
	b.depth = whole.Depth()
	for i := range works {
		most, b.depth = max(most, works[i].bufferBytes()), max(b.depth, works[i].Depth())
	}
	var err error
	if b.arena, b.buffers, err = newBuffers(int(most)); err != nil {
		return err
	}
	if err := b.connect(); err != nil {
		return err
	}
	if err := b.verify(works, whole); err != nil {
		return err
	}
	b.setUp()
	b.observer.Ready(b.report)
	for len(works) > 0 {
		job := works[0].describe()
		n := 1
		for n < len(works) && works[n].Job == job.Name {
			n++
		}
		first := len(b.report.Runs)
		err := b.job(works[:n])
		if done := b.report.Runs[first:]; len(report.Groups(done)) > 0 {
			b.report.Jobs = append(b.report.Jobs, job)
			b.observer.JobDone(job, done)
		}
		if err != nil {
			b.report.Interrupted = true
			return err
		}
		works = works[n:]
	}
	return nil
}

// connect opens a session for each way of reading, instead of those there were. Every
// repetition has new ones: chance decides how a connection begins, and what it decides
// can last as long as the connection.
func (b *runner) connect() error {
	if err := b.disconnect(); err != nil {
		return err
	}
	for _, w := range b.ways() {
		s, err := openSession(b.ctx, b.target, &b.Config, w, b.arena, b.depth)
		if err != nil {
			return err
		}
		b.sessions = append(b.sessions, s)
	}
	return nil
}

// disconnect closes all sessions.
func (b *runner) disconnect() error {
	var errs []error
	for _, s := range b.sessions {
		errs = append(errs, s.Close())
	}
	b.sessions = nil
	err := errors.Join(errs...)
	if err != nil {
		// The kernel may still hold the memory: it stays.
		b.arena, b.buffers = nil, nil
	}
	return err
}

// close ends everything, the memory last.
func (b *runner) close() error {
	if err := b.disconnect(); err != nil {
		return errors.Join(err, b.target.Close())
	}
	if b.arena == nil {
		return b.target.Close()
	}
	b.arena.Put(b.buffers)
	return errors.Join(b.arena.Close(), b.target.Close())
}

// verify compares what every way of reading returns.
func (b *runner) verify(works []Work, whole Work) error {
	b.observer.Stage("reading the files by other means, to compare with")
	var err error
	if b.digests, err = makeDigests(b.ctx, b.target, unitFor(works)); err != nil {
		return err
	}
	for _, s := range b.sessions {
		b.observer.Stage(fmt.Sprintf("comparing bytes, %s", s.way))
		if err := s.verify(b.ctx, s.target, b.digests, b.buffers, whole); err != nil {
			return Explain(err, "comparing bytes", s.target.blamed(err))
		}
	}
	return nil
}

// setUp notes in the report how it will be measured.
func (b *runner) setUp() {
	t := b.target
	served := report.Server{Name: t.serverName(), URLs: make(map[string]string)}
	for _, s := range b.sessions {
		served.URLs[s.way.Protocol] = s.target.files[0].url
	}
	var whole int64
	for _, f := range t.files {
		served.SizeBytes = max(served.SizeBytes, f.size)
		whole += f.size
	}
	setup := report.Setup{
		ClientCPUs: BoundTo(), Processors: runtime.GOMAXPROCS(0), Seconds: b.timeEach().Seconds(), Repeat: b.Repeat, Conns: b.Conns,
		Accelerators: b.accelerators(),
	}
	if s := t.server; s != nil {
		served.Congestion, setup.ServerCPUs = s.Congestion, s.CPUs
	}
	setup.Checked = fmt.Sprintf("%s whole and %d random reads compared, in each of %s of reading",
		size.Name(whole), len(t.files)*randomReads, plural(len(b.sessions), "way"))
	if b.Verify {
		setup.Checked += "; every measured read is too"
	}
	if n := t.distinct(); n < len(t.files) {
		b.report.Notes = append(b.report.Notes, fmt.Sprintf("of %s %d are read at once", plural(n, "distinct file"), len(t.files)))
	}
	for _, f := range b.Jobs {
		for _, note := range f.Notes() {
			b.report.Notes = append(b.report.Notes, report.Printable(note))
		}
	}
	for _, w := range b.works() {
		if n := w.rated(); n > 0 && n < len(w.Streams) {
			b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s: %d of %d streams have a rate; figures are of all", w.Job, n, len(w.Streams)))
		}
	}
	b.report.Setup, b.report.Servers = setup, []report.Server{served}
}

// accelerators are those of the library's first session.
func (b *runner) accelerators() []string {
	for _, s := range b.sessions {
		if r, ok := s.readers[0].(*uringReader); ok {
			return strings.Split(r.volume.Accelerators().String(), ",")
		}
	}
	return nil
}

// job repeats the works in all ways. The ways of one work follow each other at
// once, in turns forwards and backwards, so that neither side always comes
// first. If it ends early, what remains of the last repetition of a work is only the
// run that failed, if one did.
func (b *runner) job(works []Work) error {
	each := b.timeEach()
	all := len(b.works()) * len(b.ways()) * b.Repeat
	began, before := time.Now(), b.done
	for repeat := range b.Repeat {
		for _, w := range works {
			complete := len(b.report.Runs)
			if b.done > 0 {
				if err := b.connect(); b.ctx.Err() != nil {
					return Interrupted(b.done, all)
				} else if err != nil {
					return err
				}
			}
			for i := range b.sessions {
				s := b.sessions[i]
				if repeat%2 == 1 {
					s = b.sessions[len(b.sessions)-1-i]
				}
				one := each * 11 / 10
				if !w.Timed {
					one = w.longest()
				}
				if n := b.done - before; n > 0 && one == 0 {
					one = time.Since(began) / time.Duration(n)
				}
				b.observer.Measuring(b.done, all, one*time.Duration(all-b.done), Case{w, s.way})
				r, err := s.measure(b.ctx, s.target, &b.Config, b.digests, w, b.buffers, each)
				if b.ctx.Err() != nil {
					b.report.Runs = b.report.Runs[:complete]
					return Interrupted(b.done, all)
				}
				r.Repeat = repeat + 1
				if err != nil {
					b.report.Runs = append(b.report.Runs[:complete], r)
					return Explain(fmt.Errorf("%s: %w", Case{w, s.way}, err), "reading", s.target.blamed(err))
				}
				b.report.Runs = append(b.report.Runs, r)
				b.done++
			}
		}
	}
	return nil
}
