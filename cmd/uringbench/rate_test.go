package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
)

// So many reads are due, and are made or counted, whoever reads; nothing is allocated
// for them, and nobody spins between them.
func TestRate(t *testing.T) {
	args := []string{"--size", "1m", "--bs", "4k", "--depth", "8", "--engine", "uring,poller,netconn", "--placement", "direct", "--repeat", "1"}
	for _, u := range runJobs(t, append(args, "--rate", "8000", "--time", "300ms")...) {
		if u.Reads+u.Missed != 2400 || u.RatePerS != 8000 || u.Service == nil {
			t.Errorf("%s: %d reads and %d missed, want 2400; rate %v", u.Way.Name, u.Reads, u.Missed, u.RatePerS)
		}
		if u.Reads > 1000 && u.Own.AllocsPerRead > 0.1 {
			t.Errorf("%s: %v allocations per read", u.Way.Name, u.Own.AllocsPerRead)
		}
	}
	// There is not even a millisecond between them, which is what the runtime can sleep.
	for _, u := range runJobs(t, append(args, "--rate", "1100", "--time", "300ms")...) {
		if used := u.CPUUserS + u.CPUSystemS; u.Reads+u.Missed != 330 || used > u.Seconds*0.75 {
			t.Errorf("%s: %d reads and %d missed took %v of %v s", u.Way.Name, u.Reads, u.Missed, used, u.Seconds)
		}
	}
}

// A rate beyond all servers.
func TestRateNotReached(t *testing.T) {
	stdout, tables, code := uringbench(t, "--bs", "64k", "--depth", "1", "--rate", "1000000", "--time", "100ms", "--repeat", "1", "--size", "1m", "--placement", "direct", "--json", "-")
	if code != 0 || !strings.Contains(tables, "rate not reached: ") {
		t.Errorf("exit status %d\n%s", code, tables)
	}
	u := reportOf(t, stdout).Runs[0]
	if u.Missed == 0 || u.Reads+u.Missed != 100_000 {
		t.Errorf("%d reads, %d missed, want 100000", u.Reads, u.Missed)
	}
	if u.Latency.P50 < 3*u.Service.P50 {
		t.Errorf("latency p50 %v µs, service %v µs: who waits for a slot waits", u.Latency.P50, u.Service.P50)
	}
}

// stalled runs the command and stops its server for a while in the middle of what it
// measures, which takes 1 s.
func stalled(t *testing.T, args ...string) report.Run {
	t.Helper()
	args = append(args, "--bs", "4k", "--time", "1s", "--repeat", "1", "--size", "1m", "--placement", "direct", "--json", "-")
	cmd := command(t, args...)
	var stdout strings.Builder
	cmd.Stdout = &stdout
	said := follow(t, cmd, func() {
		server := childrenOf(t, cmd.Process.Pid)[0]
		time.Sleep(300 * time.Millisecond) // of which 100 are warm-up
		syscall.Kill(server, syscall.SIGSTOP)
		defer syscall.Kill(server, syscall.SIGCONT)
		time.Sleep(400 * time.Millisecond)
	})
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("exit status %d\n%s", code, said)
	}
	return reportOf(t, stdout.String()).Runs[0]
}

// A server that stalls delays all reads that were due meanwhile, though only a few of
// them were in flight.
func TestRateShowsStall(t *testing.T) {
	u := stalled(t, "--rate", "1000", "--depth", "4")
	if u.Reads+u.Missed != 1000 || u.Latency.Max < 250e3 || u.Latency.P90 < 50e3 || u.Service.P50 > 20e3 {
		t.Errorf("%d reads, %d missed, latency %+v, service %+v", u.Reads, u.Missed, u.Latency, u.Service)
	}
}

// Where there are slots, reads begin when they are due, whatever became of the others.
func TestRateGoesOnInStall(t *testing.T) {
	engines := []string{"uring", "poller", "netconn"}
	if testing.Short() {
		engines = engines[:1]
	}
	for _, engine := range engines {
		u := stalled(t, "--rate", "1000", "--depth", "1000", "--engine", engine)
		if u.Reads+u.Missed != 1000 || u.Missed > 500 || u.Service.P90 < 50e3 {
			t.Errorf("%s: %d reads, %d missed, latency %+v, service %+v", engine, u.Reads, u.Missed, u.Latency, u.Service)
		}
	}
}
