package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/bench"
)

// Run reads under faults and reports; the console is told how far it is. The error is
// about what kept it from doing so, or a [bench.InterruptedError]; what the library did
// wrong is in the report.
func Run(ctx context.Context, c Config, console *bench.Console) (*Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var err error
	if c.Engine, err = bench.EngineHere(c.Engine); err != nil {
		return nil, err
	}
	r := &Report{Schema: Schema, Host: bench.ThisHost(), Seed: c.Seed}
	if c.URL != "" {
		console.Say("reading the files over a plain connection", true)
		s, err := remote(ctx, &c)
		if err != nil {
			return nil, err
		}
		return r, r.add(ctx, &c, s, c.Time, console)
	}
	server, err := bench.StartServer(ctx, c.Files, c.SizeBytes, false)
	if err != nil {
		return nil, err
	}
	for _, protocol := range c.Protocols {
		if err = r.add(ctx, &c, embedded(server.URLs, protocol, &c), c.Time/time.Duration(len(c.Protocols)), console); err != nil {
			break
		}
	}
	if closeErr := server.Close(); err == nil {
		err = closeErr
	}
	return r, err
}

// add does a leg.
func (r *Report) add(ctx context.Context, c *Config, s *source, d time.Duration, console *bench.Console) error {
	l := newLeg(c, s)
	start := time.Now()
	reading, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(reading)
	}()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for first := true; ; first = false {
		select {
		case <-tick.C:
			spent := min(time.Since(start), d)
			line := fmt.Sprintf("%s, %v left: %d reads, %d connections", s.protocol, (d - spent).Round(time.Second), l.seen(), l.proxy.Stats().Conns)
			console.Advance(int((r.spent()+spent)/time.Second), int(c.Time/time.Second), line, first)
		case <-done:
			leg := l.report(min(d, time.Since(start)).Seconds())
			if ctx.Err() == nil {
				r.Legs = append(r.Legs, leg)
				return nil
			}
			if leg.Verified > 0 || sum(leg.Breaches) > 0 {
				r.Legs = append(r.Legs, leg)
			}
			r.Interrupted = true
			return &bench.InterruptedError{After: fmt.Sprintf("%v of %v", r.spent().Round(100*time.Millisecond), c.Time)}
		}
	}
}

// spent is how long was read.
func (r *Report) spent() (d time.Duration) {
	for i := range r.Legs {
		d += time.Duration(r.Legs[i].Seconds * float64(time.Second))
	}
	return d
}
