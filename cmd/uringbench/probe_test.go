package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/ci/seccomp"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/unix"
)

// probed is the JSON that probe writes, by the keys that do not change.
type probed struct {
	Engine, Plan string
	Chosen       string `json:"chosen_by"`
	Error        string
	Features     []struct {
		Key, Name, Since, Answer, Errno, Cause, Error, Off, Use string
		Used                                                    bool
	}
}

// probe runs the command in both its forms and checks that they say the same.
func probe(t *testing.T) (p probed, table string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(succeed(t, "probe", "--json")))
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	table = succeed(t, "probe")
	rows := map[string]string{}
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 0 {
			rows[f[0]] = line
		}
	}
	for _, f := range p.Features {
		for _, cell := range []string{f.Name, f.Since, f.Answer, f.Errno, f.Cause, f.Off, f.Use} {
			if !strings.Contains(rows[f.Key], cell) {
				t.Errorf("the table's row for %s lacks %q: %s", f.Key, cell, rows[f.Key])
			}
		}
	}
	return p, table
}

func TestProbe(t *testing.T) {
	t.Setenv(transport.EngineVariable, "")
	t.Setenv(transport.WithoutVariable, "low-water")
	p, _ := probe(t)
	here, err := bench.ProbeHere()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Features) != len(here.Features) || p.Engine != here.Engine || p.Plan != "auto" {
		t.Fatalf("%+v, here it is %+v", p, here)
	}
	for i, f := range here.Features {
		g := p.Features[i]
		if g.Key != f.Key || g.Name != f.Name || g.Answer != f.Answer.String() || g.Used != f.Used {
			t.Errorf("feature %d is %+v, want %+v", i, g, f)
		}
		if off := g.Off != ""; off != (g.Key == "low-water") {
			t.Errorf("%s is off %q", g.Key, g.Off)
		}
		if (g.Answer == ring.Yes.String()) != (g.Error == "") {
			t.Errorf("%s: %s, %q", g.Key, g.Answer, g.Error)
		}
	}
}

// Under a filter the ladder says which call is refused, how, and that the poller is
// what files are read with; and what cannot be if io_uring is insisted on.
func TestProbeForbidden(t *testing.T) {
	for _, c := range []struct {
		name, cause string
		rule        seccomp.Rule
		errno       unix.Errno
	}{
		{"setup", "seccomp filter", seccomp.Setup, unix.EPERM},
		{"enter", "io_uring_enter", seccomp.Enter, unix.ENOSYS},
		{"register", "io_uring_register", seccomp.Register, unix.EACCES},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !seccomp.InChild(t, asCommand+"=", transport.EngineVariable+"=", transport.WithoutVariable+"=") {
				return
			}
			seccomp.Refuse(t, c.errno, c.rule)
			p, table := probe(t)
			if p.Engine != "poller" || p.Chosen != "" || !strings.Contains(table, "poller, because io_uring is forbidden") {
				t.Errorf("%+v\n%s", p, table)
			}
			for _, f := range p.Features {
				socket := f.Key == "low-water" || f.Key == "tcp-info"
				if forbidden := f.Answer == "forbidden"; forbidden == socket ||
					forbidden && (f.Errno != unix.ErrnoName(c.errno) || !strings.Contains(f.Cause, c.cause)) {
					t.Errorf("%+v", f)
				}
			}
			t.Setenv(transport.EngineVariable, "uring")
			p, table = probe(t)
			if p.Engine != "none" || p.Chosen != "by the environment" || p.Features[0].Used || !strings.Contains(table, "cannot be read") || !strings.Contains(p.Error, c.cause) {
				t.Errorf("with io_uring chosen: %+v\n%s", p, table)
			}
		})
	}
}

func TestProbeWrongEnvironment(t *testing.T) {
	t.Setenv(transport.WithoutVariable, "wait-all,nonsense")
	if _, stderr, code := uringbench(t, "probe"); code != exitUsage || !strings.Contains(stderr, `"nonsense"`) || !strings.Contains(stderr, transport.WithoutVariable) {
		t.Errorf("exit status %d: %s", code, stderr)
	}
}
