package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/bench"
)

// Progress is told how far a run is; nil may be given for it.
type Progress func(line string, news bool)

// Run reads under faults and reports. The error is about what kept it from doing
// so, or the context's; what the library did wrong is in the report.
func Run(ctx context.Context, c Config, say Progress) (*Report, error) {
	if say == nil {
		say = func(string, bool) {}
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var err error
	if c.Engine, err = bench.EngineHere(c.Engine); err != nil {
		return nil, err
	}
	r := &Report{Schema: Schema, Host: bench.ThisHost(), Seed: c.Seed}
	if c.URL != "" {
		say("reading the files over a plain connection", true)
		s, err := remote(ctx, &c)
		if err != nil {
			return nil, err
		}
		return r, r.add(ctx, &c, s, c.Time, say)
	}
	server, err := bench.StartServer(ctx, c.Files, c.SizeBytes, false)
	if err != nil {
		return nil, err
	}
	for _, protocol := range c.Protocols {
		if err = r.add(ctx, &c, embedded(server.URLs, protocol, &c), c.Time/time.Duration(len(c.Protocols)), say); err != nil {
			break
		}
	}
	if closeErr := server.Close(); err == nil {
		err = closeErr
	}
	return r, err
}

// add does a leg.
func (r *Report) add(ctx context.Context, c *Config, s *source, d time.Duration, say Progress) error {
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
	for {
		select {
		case <-tick.C:
			left := max(d-time.Since(start), 0).Round(time.Second)
			say(fmt.Sprintf("%s: %v left, %d reads, %d connections", s.protocol, left, l.seen(), l.proxy.Stats().Conns), false)
		case <-done:
			r.Legs = append(r.Legs, l.report(min(d, time.Since(start)).Seconds()))
			return ctx.Err()
		}
	}
}
