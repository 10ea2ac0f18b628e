//go:build !race

package main

import (
	"testing"

	"github.com/ringreadv/ringreadv/bench/stat"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// attempts is how often the comparison may be repeated: other work on the
// machine can drown a difference, it does not make one.
const attempts = 3

// TestDirectCostsLess is the point of it all, at 128 KiB with 16 reads in
// flight: payload received in place takes less CPU time of the client than
// payload copied, and less than the same loop on a net.Conn.
func TestDirectCostsLess(t *testing.T) {
	if testing.Short() {
		skip.For(t, skip.Short, "measures for some seconds")
	}
	for attempt := range attempts {
		r := reportOf(t, succeed(t, "--bs", "128k", "--depth", "16", "--engine", "uring,netconn",
			"--repeat", "7", "--time", "250ms", "--quiet", "--json", "-"))
		cpu := make(map[string][]float64) // by way of reading, in order of the repetitions
		for _, run := range r.Runs {
			cpu[run.Engine+" "+run.Placement] = append(cpu[run.Engine+" "+run.Placement], run.CPUSPerGiB)
		}
		less := true
		for _, other := range []string{"uring copy", "netconn copy", "netconn direct"} {
			ratio, ok := stat.RatioOf(cpu["uring direct"], cpu[other])
			if !ok {
				t.Fatalf("nothing to compare with: %v", cpu)
			}
			t.Logf("CPU time per GiB, uring direct against %s: %s", other, ratio.Percent())
			less = less && ratio.Median < 1
		}
		if less {
			return
		}
		t.Logf("attempt %d of %d", attempt+1, attempts)
	}
	t.Error("direct does not take less CPU time than the others")
}
