package compare

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
)

func run(contender string, repeat, reads, cpuUS, ns, p50 int) Run {
	return Run{cell4k, contender, repeat, peers.Result{
		Reads: uint64(reads), Bytes: uint64(reads) * 4096, UserUS: uint64(cpuUS), NS: uint64(ns), P50NS: uint64(p50), P99NS: 2 * uint64(p50),
	}}
}

// What is within the noise is not called a difference.
func TestRatio(t *testing.T) {
	for _, c := range []struct {
		ours, theirs []int // CPU time of ten reads
		want         string
	}{
		{[]int{50, 60, 40}, []int{100, 100, 100}, "0.50 (0.40…0.60)"},
		{[]int{200, 210, 220}, []int{100, 100, 100}, "2.10 (2.00…2.20)"},
		{[]int{50, 60, 101}, []int{100, 100, 100}, "~ 0.60 (0.50…1.01)"},
		{[]int{100, 100, 100}, []int{100, 100, 100}, "~ 1.00 (1.00…1.00)"},
		{[]int{50, 60}, []int{100, 100}, "~ 0.55 (0.50…0.60)"},
		{[]int{10, 100, 1000}, []int{20, 200, 2000}, "0.50 (0.50…0.50)"}, // pairs, not medians
		{[]int{50, 60, 40, 1}, []int{100, 100, 100, 0}, "0.50 (0.40…0.60)"},
		{[]int{1}, []int{0}, ""},
	} {
		var ours, theirs []Run
		for i := range c.ours {
			ours = append(ours, run("a", i+1, 10, c.ours[i], 1, 1))
			theirs = append(theirs, run("b", i+1, 10, c.theirs[i], 1, 1))
		}
		r, ok := ratioOf(ours, theirs, (*peers.Result).CPUUsPerRead)
		got := ""
		if ok {
			got = r.String()
		}
		if got != c.want {
			t.Errorf("%d ÷ %d: %q, want %q", c.ours, c.theirs, got, c.want)
		}
	}
}

func someReport() *Report {
	r := &Report{
		Host: bench.Host{Kernel: "6.18", CPUs: 2, CPUModel: "Some CPU", Go: "go1.26"}, Congestion: "bbr", ServerCPUs: "0", ClientCPUs: "1", Conns: 1,
		Seconds: 0.5, Repeat: 3, Checked: true, Servers: []Server{zeros(1 << 20).Server},
		Absent: []Absent{
			{cell4k, "libnfs", true, "a header is not installed"}, {Cell{ServerStub, "nfs3", 8192, 2}, "libnfs", true, "a header is not installed"},
			{cell4k, "odd", false, "WRONG BYTES"},
		},
	}
	for i := range 3 {
		ours := run("uring", i+1, 1024, 1024*5, 1e9, 50_000)
		ours.Own = &peers.Own{Syscalls: 512}
		r.Runs = append(r.Runs, ours, run("loop", i+1, 1024, 1024*(10+i), 2e9+i, 40_000+i*10_000))
	}
	return r
}

func TestTable(t *testing.T) {
	r := someReport()
	var b bytes.Buffer
	if err := errors.Join(r.WriteGround(&b), r.WriteCell(&b, r.Runs), r.WriteLegend(&b)); err != nil {
		t.Fatal(err)
	}
	want := `host        Linux 6.18, go1.26, 2 CPUs (Some CPU), TCP congestion control bbr
contenders  processes of their own, pinned to CPU 1, servers to CPU 0; connections: 1 in Go, 1 in C
bytes       compared with the file's before measuring
measured    3 times 0.5s each, in turns; medians are shown

nfs3, 4 KiB × 2, from nfs://nowhere/file (stub server, TCP congestion control reno)
 contender  CPU µs/read  CPU s/GiB  MiB/s  p50 µs  p99 µs  syscalls/read  CPU: uring ÷ this  MiB/s: uring ÷ this   p50: uring ÷ this
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 uring             5.00      1.311      4      50     100           0.50
 loop             11.00      2.884      2      50     100                  0.45 (0.42…0.50)     2.00 (2.00…2.00)  ~ 1.00 (0.83…1.25)

absent: libnfs: a header is not installed
absent: stub nfs3, 4 KiB × 2: odd: WRONG BYTES
` + legend
	trim := func(s string) []string {
		var lines []string
		for line := range strings.Lines(s) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		return lines
	}
	if diff := cmp.Diff(trim(want), trim(b.String())); diff != "" {
		t.Error(diff)
	}
}

func TestBenchLines(t *testing.T) {
	r := someReport()
	r.Runs = []Run{r.Runs[0], run("uring@/tmp/x", 1, 10, 25, 1000, 50)}
	var b bytes.Buffer
	if err := r.WriteBench(&b); err != nil {
		t.Fatal(err)
	}
	want := `goos: linux
kernel: 6.18
cpu: Some CPU
BenchmarkCompare/server=stub/protocol=nfs3/bs=4k/depth=2/contender=uring 1024 976562.5 ns/op 5.0000 cpu-us/op 1.31072 cpu-s/GiB 4.00 MiB/s 50000 p50-ns 100000 p99-ns
BenchmarkCompare/server=stub/protocol=nfs3/bs=4k/depth=2/contender=uring@_tmp_x 10 100.0 ns/op 2.5000 cpu-us/op 0.65536 cpu-s/GiB 39062.50 MiB/s 50 p50-ns 100 p99-ns
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
