package bench

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func someRuns() []Run {
	run := func(engine, placement string, mibs, cpu float64) Run {
		plan := "auto"
		if engine == EngineNetConn {
			plan = noPlan
		}
		return Run{Job: JobMatrix, Protocol: ProtocolGluster, Engine: engine, Placement: placement, Plan: plan, BlockBytes: 128 << 10, Depth: 16,
			Pattern: PatternSeq, MiBPerS: mibs, IOPS: mibs * 8, CPUSPerGiB: cpu, Latency: Latency{P50: 1234.5, P99: 2000}}
	}
	return []Run{
		run(EngineUring, PlacementCopy, 1000, 0.4), run(EngineUring, PlacementDirect, 1200, 0.3),
		run(EngineUring, PlacementDirect, 1100, 0.2), run(EngineUring, PlacementCopy, 1000, 0.4),
		run(EngineNetConn, PlacementDirect, 1000, 0.5), run(EngineNetConn, PlacementDirect, 1000, 0.5),
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := writeTable(&b, someRuns()); err != nil {
		t.Fatal(err)
	}
	want := `
 engine   placement    block  depth  MiB/s  reads/s  CPU s/GiB  p50 µs  p99 µs  copied   MiB/s vs copy     CPU vs copy  MiB/s vs netconn  CPU vs netconn
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 uring    copy       128 KiB     16  1,000    8,000      0.400   1,235   2,000    0.00
 uring    direct     128 KiB     16  1,150    9,200      0.250   1,235   2,000    0.00  +15% (+10…+20)  −38% (−50…−25)    +15% (+10…+20)  −50% (−60…−40)
 netconn  direct     128 KiB     16  1,000    8,000      0.500   1,235   2,000    0.00
`
	// Trailing blanks are nobody's business.
	got := regexp.MustCompile(`(?m) +$`).ReplaceAllString(b.String(), "")
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := writeTable(&b, someRuns()[:4]); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "netconn") || strings.Contains(b.String(), "engine") {
		t.Errorf("columns without a message:\n%s", b.String())
	}

	// One protocol is not compared with the other, but shown.
	other := someRuns()[:2]
	for i := range other {
		other[i].Protocol = ProtocolNFS3
	}
	b.Reset()
	if err := writeTable(&b, append(someRuns(), other...)); err != nil {
		t.Fatal(err)
	}
	last := strings.Split(strings.TrimSpace(b.String()), "\n")
	if got := strings.Fields(last[len(last)-1]); got[0] != ProtocolNFS3 || got[len(got)-1] != "(−25…−25)" {
		t.Errorf("the row of NFS:\n%s", last[len(last)-1])
	}
}
