package peers

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench/report"
)

type fakeReader struct{ err error }

func (f fakeReader) Run(d time.Duration) (Result, error) {
	return Result{
		Reads: 2, Bytes: 8192, NS: uint64(d), UserUS: 3, SystemUS: 4, Wakeups: 5, Preemptions: 15, P50NS: 6, P90NS: 7, P99NS: 8, P999NS: 14, MaxNS: 9,
		Own: &report.Own{Syscalls: 10, CopiedBytes: 11, Allocs: 12, Stats: map[string]uint64{"Sends": 13}},
	}, f.err
}

func (f fakeReader) Check(off int64, blocks int) (Sum, error) { return Sum(off + int64(blocks)), f.err }

func TestServe(t *testing.T) {
	var out bytes.Buffer
	if err := Serve(fakeReader{}, strings.NewReader("run 7\ncheck 4096 5\n"), &out); err != nil {
		t.Fatal(err)
	}
	want := `ready
{"reads":2,"bytes":8192,"ns":7000000,"user_us":3,"system_us":4,"wakeups":5,"preemptions":15,"p50_ns":6,"p90_ns":7,"p99_ns":8,"p999_ns":14,"max_ns":9,"own":{"syscalls":10,"payload_bytes":0,"copied_bytes":11,"allocs":12,"receives":{"exact":0,"overlap":0,"staged":0,"speculative":0},"stats":{"Sends":13},"syscalls_per_read":0,"copied_bytes_per_byte":0,"allocs_per_read":0}}
{"sum":"0000000000001005"}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{"", "run", "run x", "check 5", "stop"} {
		if err := Serve(fakeReader{}, strings.NewReader(line+"\n"), &out); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
	broken := errors.New("broken")
	for _, line := range []string{"run 5", "check 0 1"} {
		out.Reset()
		if err := Serve(fakeReader{broken}, strings.NewReader(line+"\n"), &out); err != broken || out.String() != "ready\n" {
			t.Errorf("%s: %v, having said %q", line, err, out.String())
		}
	}
}

func TestResult(t *testing.T) {
	r := Result{Reads: 1024, Bytes: 4 << 20, NS: 5e8, UserUS: 1024, SystemUS: 2048}
	if f := r.Figures(); f.CPUUsPerRead != 3 || f.CPUSPerGiB != 0.003072*256 || f.MiBPerS != 8 {
		t.Errorf("%+v", f)
	}
	split := Result{Reads: 4, Bytes: 16384, NS: 1e9, UserUS: 1e6, SystemUS: 2e6, Wakeups: 3, Preemptions: 4, P50NS: 1000, P999NS: 5000, Bins: Bins{{1000, 3}, {5000, 1}}}
	f := split.Figures()
	if f.CPUUserS != 1 || f.CPUSystemS != 2 || f.Wakeups != 3 || f.Preemptions != 4 || f.Latency.P50 != 1 || f.Latency.P999 != 5 {
		t.Errorf("%+v", f)
	}
	h, err := hdrhistogram.Decode([]byte(f.Histogram))
	if err != nil || h.TotalCount() != 4 || h.ValueAtPercentile(75) < 999 || h.ValueAtPercentile(75) > 1001 || h.Max() < 4999 || h.Max() > 5005 {
		t.Errorf("%v: %v", err, h)
	}
	if (&Result{Histogram: "x"}).Figures().Histogram != "x" || (&Result{}).Figures().Histogram != "" {
		t.Error("a histogram that was there already is another, or one comes of nothing")
	}
	for want, r := range map[bool]Result{true: {Reads: 2, Bytes: 8192, NS: 1}, false: {Reads: 2, Bytes: 8191, NS: 1}} {
		if err := r.check(4096); (err == nil) != want {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if (&Result{NS: 1}).check(4096) == nil || (&Result{Reads: 1, Bytes: 4096}).check(4096) == nil {
		t.Error("no reads, or no time, and no error")
	}
}

func TestSum(t *testing.T) {
	a, b := bytes.Repeat([]byte{1}, 8), bytes.Repeat([]byte{2}, 8)
	sum := func(blocks ...[]byte) (s Sum) {
		for i, p := range blocks {
			s.Add(p, int64(i)*8)
		}
		return s
	}
	var backwards Sum
	backwards.Add(b, 8)
	backwards.Add(a, 0)
	if backwards != sum(a, b) {
		t.Error("the order in which blocks come matters")
	}
	changed := bytes.Clone(b)
	changed[7]++
	seen := map[Sum]bool{sum(a, b): true}
	for what, s := range map[string]Sum{"swapped": sum(b, a), "one twice": sum(a, a), "a byte": sum(a, changed), "missing": sum(a), "none": sum()} {
		if seen[s] {
			t.Errorf("%s: the sum is that of others", what)
		}
		seen[s] = true
	}
	// FNV-1a of one block at 0, as published for the empty string and "a".
	if s := sum([]byte("a")); s.String() != "af63dc4c8601ec8c" {
		t.Error(s)
	}
}
