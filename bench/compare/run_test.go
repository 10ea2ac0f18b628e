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
	"github.com/ringreadv/ringreadv/ring"
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
		Observer: Observer{Stage: func(string, bool) {}, Done: func(*report.Report, *report.Group) {}, Measuring: func(int, int, time.Duration, report.Case, string) {}},
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

// A failure says of whom, where, and what to try.
func TestFailuresEndTheMatch(t *testing.T) {
	sum := zeroSum(t)
	good := scripted("good", sum, canned(10, 20, 1000))
	ours := scripted("ours", sum+1, canned(10, 20, 1000))
	ours.ours = true
	lost := contender{Way: report.Way{Name: "lost"}, protocols: bothProtocols, ours: true, command: func(context.Context, *Config, work) (*exec.Cmd, error) {
		return nil, &ring.ForbiddenError{Cause: "a filter"}
	}}
	for want, m := range map[string]*match{
		"lying: reading: 1 reads of 4096 bytes each that are 7 bytes, in 1 ns\n  try: the others: --contenders good":                                                           newMatch(good, scripted("lying", sum, `{"reads":1,"bytes":7,"ns":1}`)),
		"liar: WRONG BYTES among the 4194304 from 0 on\n  try: whether somebody writes to the file; if nobody does, the others: --contenders good":                             newMatch(scripted("liar", sum+1, ""), good),
		"ours: WRONG BYTES among the 4194304 from 0 on\n  try: it once more; if bytes are wrong again this is a bug":                                                           newMatch(good, ours),
		"lost: ring: io_uring is forbidden here: <nil>; likely cause: a filter\n  try: uringbench probe, which says what this kernel offers; or the others: --contenders good": newMatch(lost, good),
		"alone: WRONG BYTES among the 4194304 from 0 on\n  try: whether somebody writes to the file; if nobody does, another contender":                                        newMatch(scripted("alone", sum+1, "")),
	} {
		if err := m.cell(t.Context(), zeros(1<<20), cell4k); err == nil || !strings.HasPrefix(err.Error(), "nfs://nowhere/file: 4 KiB × 2: "+want) {
			t.Errorf("%v\nwant %s", err, want)
		}
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

// Who cannot be had is left out if it was not named, the library too; and if that leaves
// nobody, the reasons are told.
func TestMissingContenders(t *testing.T) {
	sum := zeroSum(t)
	absent := func(name string) contender {
		return contender{Way: report.Way{Name: name}, protocols: bothProtocols, ours: true, command: func(context.Context, *Config, work) (*exec.Cmd, error) {
			return nil, &ring.ForbiddenError{Cause: "a filter"}
		}}
	}
	m := newMatch(absent("a"), absent("b"), scripted("good", sum, canned(10, 20, 1000)))
	m.contenders[0].byGroup = true
	m.all = 9
	if err := m.cell(t.Context(), zeros(1<<20), cell4k); err != nil {
		t.Fatal(err)
	}
	if len(m.report.Runs) != 3 || len(m.report.Absent) != 2 || !m.report.Absent[1].Missing || m.report.Absent[1].Way != "b" || m.done != 3 || m.all != 3 {
		t.Errorf("%d of %d: %+v", m.done, m.all, m.report)
	}
	m.report.Runs = nil
	err := nobody(m.report)
	for _, says := range []string{"nothing to compare: a: ring: io_uring is forbidden", "; b: ring: ", "\n  try: uringbench compare --help"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// What is broken off leaves the repetitions that are complete, of all contenders.
func TestCompleteRepetitionsStay(t *testing.T) {
	sum := zeroSum(t)
	const script = `echo ready; while read word rest; do case $word in check) echo '{"sum":"%s"}';; run) exit 3;; esac; done`
	// Each repetition has a process of its own; the fourth dies.
	dying := func() contender {
		starts, well := 0, scripted("dying", sum, canned(10, 20, 1000))
		k := well
		k.command = func(ctx context.Context, c *Config, w work) (*exec.Cmd, error) {
			if starts++; starts == 4 {
				return exec.Command("sh", "-c", fmt.Sprintf(script, sum)), nil
			}
			return well.command(ctx, c, w)
		}
		return k
	}
	for first, m := range map[string]*match{"good": newMatch(scripted("good", sum, canned(10, 20, 1000)), dying()), "dying": newMatch(dying(), scripted("good", sum, canned(10, 20, 1000)))} {
		m.Repeat = 6
		var told []int
		m.Measuring = func(done, _ int, _ time.Duration, cell report.Case, name string) { told = append(told, done) }
		s := zeros(1 << 20)
		m.Blocks, m.Depths, m.Protocols = []int{4096}, []int{2}, bothProtocols
		var shown *report.Group
		m.Done = func(_ *report.Report, g *report.Group) { shown = g }
		err := m.cells(t.Context(), s)
		if err == nil || !strings.Contains(err.Error(), "dying: reading: it ended with exit status 3") {
			t.Errorf("%s first: %v", first, err)
		}
		count := make(map[string]int)
		for _, r := range m.report.Runs {
			count[r.Name]++
		}
		if count["good"] != 3 || count["dying"] != 3 || shown == nil || len(shown.Ways) != 2 || len(shown.Ways[0].Runs) != 3 {
			t.Errorf("%s first: %v, shown %+v", first, count, shown)
		}
		// The fourth repetition is backwards.
		if want := map[string]int{"good": 7, "dying": 8}[first]; len(told) != want || told[len(told)-1] != want-1 {
			t.Errorf("%s first: told %v", first, told)
		}
	}
}

// How many measurements there will be is known before.
func TestPlanned(t *testing.T) {
	c := Config{
		Servers: []string{ServerEmbedded, ServerStub}, Protocols: bothProtocols, Blocks: []int{4096, 8192}, Depths: []int{1}, Repeat: 5,
		Contenders: []string{"uring", "nfsloop", "libgfapi"},
	}
	for url, want := range map[string][3]int{"": {40, 20, 0}, "nfs://host/file": {40, 20, 20}, "gluster://host/volume/file": {40, 20, 20}} {
		c.URL = url
		m := &match{Config: c, contenders: c.contenders()}
		got := [3]int{m.planned(ServerEmbedded), m.planned(ServerStub), 0}
		if url != "" {
			got[2] = m.planned(ServerURL)
		}
		if got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
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
