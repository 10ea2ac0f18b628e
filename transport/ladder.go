package transport

import (
	"cmp"

	"github.com/ringreadv/ringreadv/ring"
)

// Ladder is what a kernel offers and what an engine makes of it.
type Ladder struct {
	// Kind is what the engine does its input and output with. Chosen says who
	// wanted that, "" if it is what there was.
	Kind   EngineKind
	Chosen string
	// Err is why there can be no engine of the kind that was chosen.
	Err   error
	Plan  Plan
	Rungs []Rung
}

// Rung is one thing that a kernel may offer.
type Rung struct {
	ring.Feature
	// Off says what switches it off, "" if nothing does.
	Off string
	// Used says whether the engine goes by it; Use what for, if so, and else what
	// it does instead.
	Used bool
	Use  string
}

const (
	byOption      = "by an option"
	byEnvironment = "by the environment"
)

// NewLadder asks the kernel, makes an engine with these options, looks at it, and
// closes it. An error is about the options or the environment.
func NewLadder(o Options) (*Ladder, error) {
	l := &Ladder{Kind: EngineURing, Plan: o.Plan}
	var uses Accelerators
	e, err := NewEngine(o)
	switch {
	case err == nil:
		l.Kind, uses = e.Kind(), e.Accelerators()
		if err := e.Close(); err != nil {
			return nil, err
		}
	case missing(err):
		l.Err = err
	default:
		return nil, err
	}
	if o.Engine != EngineAuto {
		l.Chosen = byOption
	} else if kind, _ := o.Engine.fromEnvironment(); kind != EngineAuto {
		l.Chosen = byEnvironment
	}
	byEnv, _ := withoutFromEnvironment() // NewEngine has read it
	features := ring.Probe()
	lowWater, tcpInfo := probeSocket()
	for _, f := range append(features.All(), lowWater, tcpInfo) {
		l.Rungs = append(l.Rungs, l.rung(f, uses, o, byEnv))
	}
	return l, nil
}

func (l *Ladder) rung(f ring.Feature, uses Accelerators, o Options, byEnv Accelerators) Rung {
	r := Rung{Feature: f}
	u := usesOfFeatures[f.Key]
	key, err := parseAccelerator(f.Key)
	switch {
	case f.Key == ringKey:
		if r.Used = l.Kind == EngineURing && l.Err == nil; l.Kind == EnginePoller {
			r.Off = l.Chosen
		}
	case err == nil:
		r.Used = uses&key != 0 && (o.FixedBuffers || key&(ReadFixed|ReadvFixed) == 0)
		if byEnv&key != 0 {
			r.Off = byEnvironment
		} else if o.Without&key != 0 {
			r.Off = byOption
		}
	}
	switch {
	case r.Used && l.Kind == EnginePoller && key&(LowWater|TCPInfo) == 0:
		r.Use = "used: the poller's engine does it by itself"
	case r.Used:
		r.Use = "used: " + u.with
	case uses&key != 0:
		r.Use = cmp.Or(u.offered, "done without: "+u.without)
	default:
		r.Use = u.without
		if u.with != "" {
			r.Use = "done without: " + u.without
		}
	}
	return r
}

const ringKey = "io-uring"

// usesOfFeatures says what becomes of what was found, by its key. With no word for
// the case that it is there, the library does not use it.
var usesOfFeatures = map[string]struct{ with, without, offered string }{
	ringKey:         {with: "input and output", without: "the runtime's poller does its work"},
	"ext-arg":       {with: "waits are in the kernel, for a moment", without: "every wait goes by the runtime's poller"},
	"defer-taskrun": {without: "not used: it ties a ring to one thread, and gained nothing"},
	"buffer-table":  {with: "memory can be registered", without: "registering memory has no effect"},
	"read-fixed":    {with: "registered memory is received into as such", without: "it is memory like any other", offered: "used if asked for (--fixed=true)"},
	"readv-fixed":   {with: "the same in several pieces", without: "one piece at a time", offered: "used if asked for (--fixed=true)"},
	"recv-fixed":    {without: "not used: registered memory gained nothing so far"},
	"wait-all":      {with: "one receive per payload", without: "a payload may take several receives"},
	"cancel-bytes":  {with: "receives and sends may wait for all of their bytes", without: "none waits for all of its bytes"},
	"poll-first":    {with: "large payload is received in large parts", without: "the first piece of it is received at once"},
	"low-water":     {with: "large payload is received in large parts", without: "it is received in the pieces that come"},
	"tcp-info":      {with: "a slow server is told from a silent one", without: "receives report every piece that comes"},
}
