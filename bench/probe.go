package bench

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/ringreadv/ringreadv/ring"
)

// Probe is what the kernel offers and what the library makes of it.
type Probe struct {
	Host     Host           `json:"host"`
	Engine   string         `json:"engine"` // EngineUring, or "none" if it cannot run here
	Features []ProbeFeature `json:"features"`
}

// ProbeFeature is one thing that a kernel may offer.
type ProbeFeature struct {
	Name   string      `json:"name"`
	Since  string      `json:"since"` // first kernel that has it
	Answer ring.Answer `json:"answer"`
	Error  string      `json:"error,omitempty"` // why the answer is not yes
	Use    string      `json:"use"`
}

// ProbeHere asks the kernel.
func ProbeHere() Probe {
	found := ring.Probe()
	p := Probe{Host: ThisHost(), Engine: EngineUring}
	if found.Ring.Answer != ring.Yes {
		p.Engine = "none"
	}
	for _, f := range found.All() {
		pf := ProbeFeature{Name: f.Name, Since: f.Since, Answer: f.Answer}
		if f.Err != nil {
			pf.Error = f.Err.Error()
		}
		pf.Use = useOf(&found, &f)
		p.Features = append(p.Features, pf)
	}
	return p
}

// useOf says what becomes of a feature with the library's default options.
func useOf(all *ring.Features, f *ring.Feature) string {
	yes := f.Answer == ring.Yes
	switch f.Name {
	case all.Ring.Name:
		return pick(yes, "used", "needed")
	case all.BoundedWait.Name:
		return pick(yes, "used", "done without: every wait goes through an eventfd")
	case all.WaitAll.Name, all.CancelKeepsBytes.Name:
		both := all.WaitAll.Answer == ring.Yes && all.CancelKeepsBytes.Answer == ring.Yes
		return pick(both, "used: one receive per payload", "done without: a payload may take several receives")
	case all.BufferTable.Name, all.ReadFixed.Name, all.ReadvFixed.Name:
		return pick(yes, "used if asked for (--fixed=true)", "done without")
	}
	return "not used"
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
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
	t := NewTable(4, "feature", "since", "here", "use")
	for _, f := range p.Features {
		t.Add(f.Name, f.Since, f.Answer.String(), f.Use)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	verdict := "Files will be read with io_uring."
	if p.Engine != EngineUring {
		verdict = "Files cannot be read here: " + p.Features[0].Error
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict)
	return err
}
