package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/table"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/unix"
)

// Probe is what the kernel offers and what the library makes of it, with its default
// options and what the environment says.
type Probe struct {
	Host     report.Host    `json:"host"`
	Engine   string         `json:"engine"`              // "uring", "poller", or "none" if what was chosen is not there
	Chosen   string         `json:"chosen_by,omitempty"` // who wanted that; "" for what there is
	Error    string         `json:"error,omitempty"`
	Plan     string         `json:"plan"`
	Features []ProbeFeature `json:"features"`
}

// ProbeFeature is one thing that a kernel may offer.
type ProbeFeature struct {
	Key    string      `json:"key"` // does not change
	Name   string      `json:"name"`
	Since  string      `json:"since"` // first kernel that has it
	Answer ring.Answer `json:"answer"`
	Errno  string      `json:"errno,omitempty"` // what the kernel answered, if it did
	Cause  string      `json:"cause,omitempty"` // the likely one, if it is forbidden
	Error  string      `json:"error,omitempty"` // why the answer is not yes
	Off    string      `json:"off,omitempty"`   // what switches it off
	Used   bool        `json:"used"`
	Use    string      `json:"use"`
}

// ProbeHere asks the kernel. An error is about the environment.
func ProbeHere() (*Probe, error) {
	l, err := transport.NewLadder(transport.Options{})
	if err != nil {
		return nil, err
	}
	p := &Probe{Host: ThisHost(), Engine: l.Kind.String(), Chosen: l.Chosen, Plan: l.Plan.String()}
	if l.Err != nil {
		p.Engine, p.Error = "none", l.Err.Error()
	}
	for _, r := range l.Rungs {
		f := ProbeFeature{Key: r.Key, Name: r.Name, Since: r.Since, Answer: r.Answer, Off: r.Off, Used: r.Used, Use: r.Use}
		if r.Err != nil {
			f.Error = r.Err.Error()
		}
		var errno unix.Errno
		if errors.As(r.Err, &errno) {
			f.Errno = unix.ErrnoName(errno)
		}
		var forbidden *ring.ForbiddenError
		if errors.As(r.Err, &forbidden) {
			f.Cause = forbidden.Cause
		}
		p.Features = append(p.Features, f)
	}
	return p, nil
}

// WriteJSON writes one indented object.
func (p *Probe) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

// WriteText writes it for people.
func (p *Probe) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "Linux %s, %s, %d CPUs (%s)\n\n", p.Host.Kernel, p.Host.Go, p.Host.CPUs, p.Host.CPUModel); err != nil {
		return err
	}
	t := table.New(7, "key", "feature", "since", "here", "why", "off", "use")
	for _, f := range p.Features {
		t.Add(f.Key, f.Name, f.Since, f.Answer.String(), f.why(), f.Off, f.Use)
	}
	t.DropIdle()
	if err := t.Write(w); err != nil {
		return err
	}
	if p.Error != "" {
		_, err := fmt.Fprintf(w, "\nFiles cannot be read here: io_uring was chosen %s. %s\n", p.Chosen, p.Error)
		return err
	}
	_, err := fmt.Fprintf(w, "\nFiles will be read %s; receives are aimed by plan %s.\n", p.engine(), p.Plan)
	return err
}

// why is a cell of the table.
func (f *ProbeFeature) why() string {
	switch {
	case f.Cause != "" && f.Errno != "":
		return f.Errno + ": " + f.Cause
	case f.Errno != "":
		return f.Errno
	}
	return f.Error
}

func (p *Probe) engine() string {
	how := "with io_uring"
	if p.Engine == transport.EnginePoller.String() {
		how = "over the runtime's poller"
	}
	if p.Chosen != "" {
		return how + ", " + p.Chosen
	}
	if f := p.Features[0]; f.Answer == ring.Forbidden {
		return how + ", because io_uring is forbidden"
	} else if f.Answer != ring.Yes {
		return how + ", because there is no io_uring"
	}
	return how
}
