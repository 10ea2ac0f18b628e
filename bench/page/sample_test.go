package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringreadv/ringreadv/bench/report"
)

// sampleWays read what samples say was read.
var sampleWays = []string{"uring", "netconn-direct", "libnfs"}

// sampleMiBPerS, and so on, are what the samples' figures come from: medians for a case
// and a way.
func sampleMiBPerS(block, depth, way int) float64 {
	return float64(block/4096)*10 + float64(depth)*20 + float64(way)*30
}

func sampleUser(depth, way int) float64 { return 0.02 * float64(1+way) * float64(1+depth%3) }

func sampleSystem(way int) float64 { return 0.32 / float64(1+way) }

func sampleP50(depth, way int) float64 { return 40 * float64(depth) * float64(1+way) }

// newSample makes a comparison of so many depths; every way is 1, 2 and 3 % off its
// median on both sides.
func newSample(ways []string, blocks, depths []int) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Command: report.CommandCompare, Started: time.Date(2026, 11, 23, 8, 20, 0, 0, time.UTC),
		Host:    report.Host{Kernel: "6.1.0-test", CPUs: 2, CPUModel: "Example CPU", Go: "go1.26", Congestion: "bbr"},
		Setup:   report.Setup{ServerCPUs: "0", ClientCPUs: "1", Seconds: 0.5, Repeat: 7, Checked: "64 MiB whole"},
		Servers: []report.Server{{Name: "embedded", URLs: map[string]string{"nfs3": "nfs://[::1]/x"}, SizeBytes: 64 << 20, Congestion: "reno"}},
		Absent:  []report.Absent{{Way: "libgfapi", Missing: true, Reason: "glusterfs/api/glfs.h is not installed"}},
	}
	for _, block := range blocks {
		for _, depth := range depths {
			c := report.Case{Server: "embedded", Protocol: "nfs3", Job: "blocks and depths", Pattern: "seq", BlockBytes: block, Depth: depth, Files: 1}
			for repeat := range 7 {
				off := 1 + float64(repeat-3)/100
				for w, name := range ways {
					u := report.Run{Case: c, Way: report.Way{Name: name, Engine: name, Conns: 1}, Repeat: repeat + 1}
					u.Seconds = 1
					u.Bytes = int64(sampleMiBPerS(block, depth, w) * off * (1 << 20))
					u.Reads = u.Bytes / int64(block)
					gib := float64(u.Bytes) / (1 << 30)
					u.CPUUserS, u.CPUSystemS = sampleUser(depth, w)*off*gib, sampleSystem(w)*off*gib
					p := sampleP50(depth, w) * off
					u.Latency = report.Latency{P50: p, P90: 2 * p, P99: 5 * p, P999: 20 * p, Max: 100 * p}
					if name == "libnfs" {
						u.Latency.P999 = 0
					} else {
						u.Histogram = sampleHistogram(sampleP50(depth, w))
						u.Own = &report.Own{Syscalls: uint64(u.Reads) / 4, PayloadBytes: 1, CopiedBytes: uint64(w)}
					}
					u.Derive()
					r.Runs = append(r.Runs, u)
				}
			}
		}
	}
	return r
}

// sampleHistogram has half of its reads at p50, those up to 90 % at twice that, and so
// on as the percentiles of samples are.
func sampleHistogram(p50 float64) string {
	h := hdrhistogram.New(1, int64(2*time.Minute), 3)
	for _, step := range []struct {
		times float64
		n     int64
	}{{1, 5000}, {2, 4000}, {5, 900}, {20, 90}, {100, 10}} {
		if err := h.RecordValues(int64(p50*step.times*1e3), step.n); err != nil {
			panic(err)
		}
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// write makes the page of reports and returns its name.
func write(t *testing.T, reports ...*report.Report) (name string) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, reports...); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// many are names of ways, and depths.
func many(ways, depths int) (names []string, list []int) {
	for i := range ways {
		names = append(names, fmt.Sprintf("uring:speculative+%dus", i))
	}
	for i := range depths {
		list = append(list, 1<<i)
	}
	return names, list
}
