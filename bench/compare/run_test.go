package compare

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
)

// scripted is a contender that gives canned answers: to check the sum, to run the
// line.
func scripted(name string, sum peers.Sum, run string) contender {
	script := fmt.Sprintf(`echo ready; while read word rest; do case $word in check) echo '{"sum":"%s"}';; run) echo '%s';; esac; done`, sum, run)
	return contender{Way: report.Way{Name: name}, protocols: bothProtocols, command: func(context.Context, *Config, work) (*exec.Cmd, error) {
		return exec.Command("sh", "-c", script), nil
	}}
}

func canned(reads, cpuUS, ns int) string {
	return fmt.Sprintf(`{"reads":%d,"bytes":%d,"ns":%d,"user_us":%d,"system_us":0,"wakeups":1,"preemptions":0,"p50_ns":5,"p90_ns":6,"p99_ns":7,"p999_ns":8,"max_ns":9}`,
		reads, reads*4096, ns, cpuUS)
}

// zeros is a served file of zeros.
func zeros(size int64) *served {
	return &served{
		Server: report.Server{Name: ServerStub, URLs: map[string]string{bench.ProtocolNFS3: "nfs://nowhere/file"}, SizeBytes: size, Congestion: "reno"},
		read:   func(b []byte, _ int64) error { clear(b); return nil },
	}
}

func zeroSum(t *testing.T) peers.Sum {
	t.Helper()
	checks, err := zeros(1<<20).checks(4096, 2)
	if err != nil || checks[0].sum != checks[1].sum {
		t.Fatalf("a file that wraps whole, %v, %+v", err, checks)
	}
	return checks[0].sum
}

// newMatch is of the first, and of others that may be missing.
func newMatch(contenders ...contender) *match {
	m := &match{
		Config:   Config{Time: time.Millisecond, Repeat: 3, Check: true},
		Observer: Observer{Stage: func(string, bool) {}, Done: func(*report.Report, *report.Group) {}},
		on:       &placing{}, report: &report.Report{},
	}
	for i, c := range contenders {
		m.contenders = append(m.contenders, named{c, i > 0})
	}
	return m
}

var cell4k = report.Case{Server: ServerStub, Protocol: bench.ProtocolNFS3, BlockBytes: 4096, Depth: 2}

func TestRunsInTurns(t *testing.T) {
	sum := zeroSum(t)
	m := newMatch(scripted("a", sum, canned(10, 20, 1000)), scripted("b", sum, canned(5, 20, 1000)), scripted("c", sum, canned(1, 1, 1)))
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, r := range m.report.Runs {
		order = append(order, fmt.Sprint(r.Name, r.Repeat))
	}
	if diff := cmp.Diff(strings.Fields("a1 b1 c1 c2 b2 a2 a3 b3 c3"), order); diff != "" {
		t.Error(diff)
	}
	if r := m.report.Runs[1]; r.Name != "b" || r.CPUUsPerRead != 4 || r.Case != cell4k {
		t.Errorf("%+v", r)
	}
}

func TestWrongBytesAreRefused(t *testing.T) {
	sum := zeroSum(t)
	good, bad := scripted("good", sum, canned(10, 20, 1000)), scripted("bad", sum+1, canned(10, 1, 1000))
	m := newMatch(good, bad)
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); err != nil {
		t.Fatal(err)
	}
	if len(m.report.Runs) != 3 || len(m.report.Absent) != 1 || !strings.Contains(m.report.Absent[0].Reason, "WRONG BYTES") || m.report.Absent[0].Way != "bad" {
		t.Errorf("not asked for by name: %+v", m.report)
	}

	var wrong *WrongBytesError
	m = newMatch(good, bad)
	m.contenders[1].byGroup = false
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "bad") {
		t.Errorf("asked for by name: %v", err)
	}
	m = newMatch(bad, good)
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); !errors.As(err, &wrong) || len(m.report.Runs) != 0 {
		t.Errorf("what others are compared with: %v, %+v", err, m.report)
	}
	m = newMatch(good, bad)
	m.contenders[1].ours = true
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); !errors.As(err, &wrong) || len(m.report.Absent) != 0 {
		t.Errorf("of this library: %v, %+v", err, m.report)
	}
	m = newMatch(good, bad)
	m.Check = false
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); err != nil || len(m.report.Runs) != 6 {
		t.Errorf("without a check: %v, %+v", err, m.report)
	}
}

func TestFailuresEndTheMatch(t *testing.T) {
	sum := zeroSum(t)
	good := scripted("good", sum, canned(10, 20, 1000))
	m := newMatch(good, scripted("lying", sum, `{"reads":1,"bytes":7,"ns":1}`))
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); err == nil || !strings.Contains(err.Error(), "lying: reading: 1 reads of 4096 bytes each that are 7 bytes") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	silent := contender{Way: report.Way{Name: "silent"}, protocols: bothProtocols, command: func(context.Context, *Config, work) (*exec.Cmd, error) {
		time.AfterFunc(50*time.Millisecond, func() { cancel(errors.New("enough")) })
		return exec.Command("sleep", "1000"), nil
	}}
	if err := newMatch(good, silent).cell(ctx, zeros(1<<20), cell4k); err == nil || err.Error() != "enough" {
		t.Error(err)
	}
}

// The checks cover what a naive reader of the file says, also where it wraps.
func TestChecks(t *testing.T) {
	content := make([]byte, 10*4096+100)
	rnd := rand.NewChaCha8([32]byte{1})
	rnd.Read(content)
	s := &served{Server: report.Server{SizeBytes: int64(len(content))}, read: func(b []byte, off int64) error { copy(b, content[off:]); return nil }}
	checks, err := s.checks(4096, 3)
	if err != nil || len(checks) != 2 || checks[0].off != 0 || checks[1].off%4096 != 0 {
		t.Fatalf("%+v, %v", checks, err)
	}
	for _, c := range checks {
		if c.blocks < 1024 {
			t.Errorf("%d blocks are compared", c.blocks)
		}
		var want peers.Sum
		at := c.off
		for range c.blocks {
			if at+4096 > int64(len(content)) {
				at = 0
			}
			want.Add(content[at:at+4096], at)
			at += 4096
		}
		if want != c.sum {
			t.Errorf("from %d on: %v, want %v", c.off, c.sum, want)
		}
	}
}
