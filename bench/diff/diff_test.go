package diff

import (
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/ci/golden"
)

var (
	small = report.Case{Server: "embedded", Protocol: "gluster", Job: report.JobMatrix, Pattern: "seq", BlockBytes: 4096, Depth: 16, Files: 4}
	large = report.Case{Server: "embedded", Protocol: "gluster", Job: report.JobMatrix, Pattern: "seq", BlockBytes: 1 << 20, Depth: 1, Files: 4}
	other = report.Case{Server: "embedded", Protocol: "nfs3", Job: report.JobMatrix, Pattern: "seq", BlockBytes: 4096, Depth: 16, Files: 4}
	way   = report.Way{Name: "uring direct", Engine: "uring", Placement: "direct", Plan: "auto", Conns: 1}
)

// runs are seven repetitions; each takes so many seconds, and CPU seconds, a little
// more each time.
func runs(c report.Case, w report.Way, seconds, cpu, p99 float64) (list []report.Run) {
	for i := range 7 {
		more := 1 + float64(i)/100
		r := report.Run{Case: c, Way: w, Repeat: i + 1, Figures: report.Figures{
			Seconds: seconds * more, Reads: 1 << 16, Bytes: 1 << 30, CPUUserS: cpu * more, Latency: report.Latency{P50: 100, P99: p99 * more},
		}}
		r.Derive()
		list = append(list, r)
	}
	return list
}

func reports() (before, after *report.Report) {
	before = &report.Report{Command: "run", Host: report.Host{Kernel: "6.17", CPUs: 2, CPUModel: "CPU"}, Setup: report.Setup{Seconds: 1}}
	after = &report.Report{Command: "run", Host: report.Host{Kernel: "6.18", CPUs: 2, CPUModel: "CPU"}, Setup: report.Setup{Seconds: 1}}
	before.Setup.Conns, after.Setup.Conns, before.Setup.Accelerators = 1, 4, []string{"ext-arg", "wait-all"}
	before.Jobs, after.Jobs = []report.Job{{Name: "2013", Title: "four files"}}, []report.Job{{Name: "2013", Title: "two files"}}
	after.Setup.Checked = "all"
	before.Servers = []report.Server{{Name: "embedded", SizeBytes: 1 << 20, URLs: map[string]string{"gluster": "gluster://127.0.0.1:1/x"}}}
	after.Servers = []report.Server{{Name: "embedded", SizeBytes: 2 << 20, URLs: map[string]string{"gluster": "gluster://127.0.0.1:2/x"}}}
	before.Runs = append(runs(small, way, 1, 1, 1000), runs(large, way, 2, 1, 500)...)
	after.Runs = append(runs(small, way, 1.03, 1.2, 0), runs(large, way, 1.5, 1.01, 800)...)
	after.Runs[0].Verified = true
	copies := way
	copies.Name, copies.Placement = "uring copy", "copy"
	before.Runs = append(before.Runs, runs(other, way, 1, 1, 1)...)
	after.Runs = append(after.Runs, runs(small, copies, 1, 1, 1)...)
	return before, after
}

func TestText(t *testing.T) {
	var b strings.Builder
	before, after := reports()
	if err := Of(before, after).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\nand with nothing in common:\n\n")
	if err := Of(&report.Report{}, &report.Report{Runs: runs(small, way, 1, 1, 1)}).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/diff.txt", b.String())
}

func TestWorse(t *testing.T) {
	before, after := reports()
	for _, c := range []struct {
		percent float64
		want    []string
	}{
		{0, []string{"MiB/s −2.9%", "CPU s/GiB +20.0%", "p99 µs +60.0%"}}, // MiB/s of the large ones is better
		{5, []string{"CPU s/GiB +20.0%", "p99 µs +60.0%"}},
		{30, []string{"p99 µs +60.0%"}},
		{61, nil},
	} {
		got := Of(before, after).Worse(c.percent)
		if len(got) != len(c.want) {
			t.Errorf("by %v %%: %q, want %q", c.percent, got, c.want)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("by %v %%: %q, want %q", c.percent, got[i], c.want[i])
			}
		}
	}
	if got := Of(after, before).Worse(5); len(got) != 1 || !strings.Contains(got[0], "MiB/s −25.0%") {
		t.Errorf("the other way round: %q", got)
	}
	if got := Of(before, before).Worse(0); len(got) != 0 {
		t.Errorf("the same: %q", got)
	}
}
