package micro

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
)

var (
	// A line of results as benchstat takes it, and what each that reads reports.
	resultLine = regexp.MustCompile(`^Benchmark(\w+)(/\S+)?\s+\d+(\s+[\d.e+-]+ \S+)+$`)
	metrics    = []string{" ns/op", " MB/s", " cpu-ns/op", " syscalls/op", " recvs/op", " copied-B/B", " allocs/op"}
)

// Every benchmark runs, once, and says what it is to say.
func TestEveryBenchmarkRuns(t *testing.T) {
	if f := ring.Probe().Ring; f.Answer != ring.Yes {
		skip.Forbidden(t, f.Err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(exe, "-test.run=^$", "-test.bench=.", "-test.benchtime=1x", "-test.timeout=2m").CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	seen := map[string]int{}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		m := resultLine.FindStringSubmatch(line)
		if m == nil {
			if strings.HasPrefix(line, "Benchmark") {
				t.Error("benchstat would not take:", line)
			}
			continue
		}
		seen[m[1]]++
		for _, unit := range metrics {
			reads := m[1] == "Readv" || m[1] == "ReadAt" || m[1] == "Transport"
			if reads && !strings.Contains(line, unit) {
				t.Errorf("no%s: %s", unit, line)
			}
		}
	}
	for _, name := range []string{"Nop", "Recv", "EncodeRead", "DecodeRead", "Transport", "Readv", "ReadAt"} {
		if seen[name] == 0 {
			t.Error("no result of Benchmark" + name)
		}
	}
}
