package report

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/ci/golden"
)

// measured is a run of 1024 reads in a second.
func measured(c Case, w Way, repeat int, seconds, cpu, p50 float64) Run {
	r := Run{Case: c, Way: w, Repeat: repeat, Figures: Figures{
		Seconds: seconds, Reads: 1024, Bytes: 1024 * int64(c.BlockBytes), CPUUserS: cpu / 4, CPUSystemS: cpu * 3 / 4, Wakeups: 512,
		Latency: Latency{P50: p50, P90: p50 * 1.5, P99: 2 * p50, Max: 9 * p50},
	}}
	if w.Placement != "" {
		r.Own = &Own{Syscalls: 512, PayloadBytes: uint64(r.Bytes)}
		if w.Placement == PlacementCopy {
			r.Own.CopiedBytes = uint64(r.Bytes)
		}
	}
	r.Derive()
	return r
}

var (
	matrixCase = Case{Server: "embedded", Protocol: "gluster", Job: JobMatrix, Pattern: "seq", BlockBytes: 128 << 10, Depth: 16, Files: 4}
	nfsCase    = Case{Server: "stub", Protocol: "nfs3", Job: JobMatrix, Pattern: "seq", BlockBytes: 4096, Depth: 2, Files: 1}

	uringCopy   = Way{Name: "uring copy", Engine: "uring", Placement: "copy", Plan: "auto", Conns: 1}
	uringDirect = Way{Name: "uring direct", Engine: "uring", Placement: "direct", Plan: "auto", Conns: 1}
	netconn     = Way{Name: "netconn direct", Engine: "netconn", Placement: "direct", Conns: 1}
	loop        = Way{Name: "loop", Engine: "loop", Conns: 1}
)

// matrixRuns are six repetitions in turns: the machine slows down meanwhile.
func matrixRuns(c Case) (runs []Run) {
	for i := range 6 {
		slow := float64(1 + i)
		turn := []Run{
			measured(c, uringCopy, i+1, slow, slow*0.04, 100), measured(c, uringDirect, i+1, slow/(1.2+float64(i)/100), slow*0.03, 90),
			measured(c, netconn, i+1, slow, slow*(0.0285+float64(i)/1000), 110),
		}
		if i%2 == 1 {
			turn[0], turn[2] = turn[2], turn[0]
		}
		runs = append(runs, turn...)
	}
	return runs
}

func someReport() *Report {
	r := &Report{
		Schema: Schema, Command: CommandCompare, Started: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC),
		Host:    Host{Kernel: "6.18", CPUs: 2, CPUModel: "Some CPU", Go: "go1.26", Congestion: "bbr"},
		Setup:   Setup{ServerCPUs: "0", ClientCPUs: "1", Seconds: 0.5, Repeat: 6, Conns: 1, Checked: "compared with the file's before measuring"},
		Servers: []Server{{Name: "stub", URLs: map[string]string{"nfs3": "nfs://nowhere/file"}, SizeBytes: 1 << 20, Congestion: "reno"}},
		Notes:   []string{"something was ignored"},
		Absent: []Absent{
			{nfsCase, "libnfs", true, "a header is not installed"}, {Case{Server: "stub"}, "libnfs", true, "a header is not installed"},
			{nfsCase, "odd", false, "WRONG BYTES"},
		},
	}
	for i := range 6 {
		r.Runs = append(r.Runs, measured(nfsCase, uringDirect, i+1, 1, 0.005, 50), measured(nfsCase, loop, i+1, 2, 0.010+float64(i)/1000, 40+10*float64(i%3)))
	}
	return r
}

func TestMatrix(t *testing.T) {
	var b strings.Builder
	if err := WriteMatrix(&b, matrixRuns(matrixCase)); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/matrix.txt", b.String())
	b.Reset()
	other := matrixCase
	other.Protocol, other.RatePerS = "nfs3", 1000
	if err := WriteMatrix(&b, append(matrixRuns(matrixCase), matrixRuns(other)[:2]...)); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/protocols.txt", b.String())
}

// A run that failed is in the report, and in no figure.
func TestErrorsAreNoFigures(t *testing.T) {
	var with, without strings.Builder
	r := someReport()
	show := func(b *strings.Builder) {
		t.Helper()
		if err := errors.Join(r.WriteText(b), r.WriteBench(b), WriteMatrix(b, r.Runs), WriteMeans(b, r.Runs)); err != nil {
			t.Fatal(err)
		}
	}
	show(&without)
	failed := measured(nfsCase, uringDirect, 7, 9, 9, 9)
	failed.Errors = 1
	r.Runs = append(r.Runs, failed)
	show(&with)
	if diff := cmp.Diff(without.String(), with.String()); diff != "" {
		t.Errorf("(-without the failed run +with)\n%s", diff)
	}
}

func TestMeans(t *testing.T) {
	var b strings.Builder
	if err := WriteJob(&b, Job{Name: "2013", Title: "A job", Description: "and what it is"}, matrixRuns(matrixCase)); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/job.txt", b.String())
}

func TestCell(t *testing.T) {
	r := someReport()
	var b strings.Builder
	if err := errors.Join(r.WriteGround(&b), r.WriteCell(&b, Groups(r.Runs)[0]), r.WriteAbsent(&b)); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/cell.txt", b.String())
}

func TestBenchLines(t *testing.T) {
	r := someReport()
	other := loop
	other.Name = "uring@/tmp/x y"
	r.Runs = []Run{r.Runs[0], measured(nfsCase, other, 1, 0.5, 0.004, 50), {Case: nfsCase, Way: loop}}
	var b strings.Builder
	if err := r.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/bench.txt", b.String())
}

func TestReadBack(t *testing.T) {
	r := someReport()
	r.Interrupted = true
	r.Runs[0].Service, r.Runs[0].Histogram = &Latency{P50: 1}, "HISTF"
	name := filepath.Join(t.TempDir(), "report.json")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.WriteJSON(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(name)
	if diff := cmp.Diff(r, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"nonsense":                     "a file that uringbench wrote with --json",
		`{"schema":1,"command":"run"}`: "a report of schema 1, and this uringbench reads 2",
		`{"schema":2}`:                 "a report of schema",
		`{"schema":2,"command":1}`:     "a file that uringbench wrote",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(name); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
