package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/ringreadv/ringreadv/ring"
)

// Observer is told how a run goes on. It is called by one goroutine, never
// while something is measured.
type Observer interface {
	// Stage begins something that takes a while.
	Stage(what string)
	// Ready: what follows is measuring, of this ground.
	Ready(g Ground)
	// Measuring: so many of all measurements are done, c is next.
	Measuring(done, all int, left time.Duration, c Case)
	// JobDone: all repetitions of a job are there.
	JobDone(job string, runs []Run)
}

// Ground is what a run stands on.
type Ground struct {
	Host      Host
	Target    string
	Embedded  bool
	ServerPID int
	// ServerCPUs and ClientCPUs are those the two were bound to, "" if they
	// were not.
	ServerCPUs, ClientCPUs string
	Congestion             string // of the embedded server
	Processors             int    // of Go: GOMAXPROCS
	Files                  int    // read at the same time
	Distinct               int    // of them
	SizeBytes              int64  // read of the largest
	Conns                  int
	Each                   time.Duration // a measurement
	Repeat                 int
	// What was compared before measuring, in each of so many ways.
	VerifiedBytes int64
	VerifiedReads int
	VerifiedWays  int
	VerifyAll     bool // every measured read will be too
}

// Measure measures everything the configuration asks for. With an error there may be
// a report of what was measured until then.
func Measure(ctx context.Context, c Config, o Observer) (*Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var err error
	if c.Engines, err = resolveEngines(c.Engines); err != nil {
		return nil, err
	}
	host := ThisHost()
	if len(c.URLs) == 0 {
		o.Stage("starting the embedded server")
	} else {
		o.Stage("looking for the files")
	}
	t, err := openTarget(ctx, &c)
	if err != nil {
		return nil, err
	}
	b := &runner{Config: c, ctx: ctx, target: t, observer: o, report: &Report{Schema: Schema, Host: host, Runs: []Run{}}}
	return b.report, errors.Join(b.run(), b.close())
}

// runner is a Measure under way.
type runner struct {
	Config
	ctx      context.Context
	target   *target
	observer Observer
	report   *Report
	sessions []*session // in the order of ways
	digests  *digests
	arena    *ring.Arena
	buffers  []byte // all of the arena
	done     int
}

func (b *runner) run() error {
	works, ways := b.works(), b.ways()
	whole := wholeWork(works)
	most, depth := whole.BlockBytes*whole.Depth(), whole.Depth()
	for _, w := range works {
		most, depth = max(most, w.BlockBytes*w.Depth()), max(depth, w.Depth())
	}
	var err error
	if b.arena, b.buffers, err = newBuffers(most); err != nil {
		return err
	}
	for _, w := range ways {
		s, err := openSession(b.ctx, b.target, &b.Config, w, b.arena, depth)
		if err != nil {
			return err
		}
		b.sessions = append(b.sessions, s)
	}
	if err := b.verify(works, whole); err != nil {
		return err
	}
	b.observer.Ready(b.ground())
	for _, job := range []string{Job2013, JobMatrix} {
		of := slices.DeleteFunc(slices.Clone(works), func(w Work) bool { return w.Job != job })
		first := len(b.report.Runs)
		if err := b.job(of); err != nil {
			return err
		}
		if len(of) > 0 {
			b.observer.JobDone(job, b.report.Runs[first:])
		}
	}
	return nil
}

// close ends everything, the memory last.
func (b *runner) close() error {
	var errs []error
	for _, s := range b.sessions {
		errs = append(errs, s.Close())
	}
	if err := errors.Join(errs...); err != nil {
		// The kernel may still hold the memory: it stays.
		return errors.Join(err, b.target.Close())
	}
	if b.arena != nil {
		b.arena.Put(b.buffers)
		errs = append(errs, b.arena.Close())
	}
	return errors.Join(append(errs, b.target.Close())...)
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
			return err
		}
	}
	return nil
}

func (b *runner) ground() Ground {
	t := b.target
	g := Ground{
		Host: b.report.Host, Target: t.files[0].url, Processors: runtime.GOMAXPROCS(0),
		Files: len(t.files), Distinct: t.distinct(), Conns: b.Conns, Each: b.timeEach(), Repeat: b.Repeat,
		VerifiedReads: len(t.files) * randomReads, VerifiedWays: len(b.sessions), VerifyAll: b.Verify,
	}
	for _, f := range t.files {
		g.SizeBytes = max(g.SizeBytes, f.size)
		g.VerifiedBytes += f.size
	}
	if s := t.server; s != nil {
		g.Embedded, g.Target, g.ServerPID, g.Congestion = true, t.volumes[0], s.PID, s.Congestion
		g.ServerCPUs, g.ClientCPUs = s.CPUs, s.ClientCPUs
	}
	return g
}

// job repeats the works in all ways. The ways of one work follow each other at
// once, in turns forwards and backwards, so that neither side always comes
// first.
func (b *runner) job(works []Work) error {
	each := b.timeEach()
	all := len(b.works()) * len(b.sessions) * b.Repeat
	for repeat := range b.Repeat {
		for _, w := range works {
			for i := range b.sessions {
				s := b.sessions[i]
				if repeat%2 == 1 {
					s = b.sessions[len(b.sessions)-1-i]
				}
				left := each * 11 / 10 * time.Duration(all-b.done)
				b.observer.Measuring(b.done, all, left, Case{w, s.way})
				r, err := s.measure(b.ctx, s.target, &b.Config, b.digests, w, b.buffers, each)
				if b.ctx.Err() != nil {
					return context.Cause(b.ctx)
				}
				r.Repeat = repeat + 1
				if r.Seconds > 0 {
					b.report.Runs = append(b.report.Runs, r)
				}
				if err != nil {
					return Explain(fmt.Errorf("%s: %w", Case{w, s.way}, err), "reading", s.target.files[0].url)
				}
				b.done++
			}
		}
	}
	return nil
}
