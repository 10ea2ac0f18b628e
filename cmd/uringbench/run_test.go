package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/report"
)

// reportOf takes JSON apart and wants every field known.
func reportOf(t *testing.T, text string) report.Report {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	var r report.Report
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return r
}

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	tables := succeed(t, "run", "--time", "15ms", "--repeat", "2", "--size", "4m", "--files", "2", "--bs", "4k,128k", "--depth", "1,16",
		"--protocol", "gluster,nfs3", "--pattern", "seq,rand", "--engine", "uring,netconn", "--plan", "exact,overlap", "--fixed", "true,false", "--verify", "--json", file)
	for _, s := range []string{"bytes    8 MiB whole and", "MiB/s vs copy", "CPU vs netconn"} {
		if !strings.Contains(tables, s) {
			t.Errorf("no %q in\n%s", s, tables)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := reportOf(t, string(text))
	if r.Schema != report.Schema || r.Command != report.CommandRun || r.Started.IsZero() || r.Setup.Repeat != 2 || r.Host.Kernel == "" || r.Host.CPUs < 1 || r.Host.CPUModel == "" || r.Host.Go == "" {
		t.Errorf("schema %d, host %+v", r.Schema, r.Host)
	}
	want, got := make(map[string]int), make(map[string]int)
	for _, block := range []int{4 << 10, 128 << 10} {
		for _, depth := range []int{1, 16} {
			for _, rest := range []string{
				"gluster uring exact false", "gluster uring exact true", "gluster uring overlap false", "gluster uring overlap true",
				"gluster netconn  false",
				"nfs3 uring exact false", "nfs3 uring exact true", "nfs3 uring overlap false", "nfs3 uring overlap true",
			} {
				for repeat := 1; repeat <= 2; repeat++ {
					for _, place := range []string{"copy", "direct"} {
						for _, pattern := range []string{"seq", "rand"} {
							want[fmt.Sprint(block, depth, rest, repeat, place, pattern)] = 1
						}
					}
				}
			}
		}
	}
	for _, run := range r.Runs {
		got[fmt.Sprint(run.BlockBytes, run.Depth, run.Protocol+" "+run.Engine+" "+run.Plan+" "+strconv.FormatBool(run.Fixed), run.Repeat, run.Placement, run.Pattern)]++
		checkRun(t, run)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the cross product (-want +got):\n%s", diff)
	}
}

// checkRun wants what is true of every good measurement.
func checkRun(t *testing.T, r report.Run) {
	t.Helper()
	uring, large := r.Engine == "uring", r.BlockBytes >= 64<<10
	for what, good := range map[string]bool{
		"job, server":                   r.Job == "matrix" && r.Server == "embedded",
		"errors":                        r.Errors == 0,
		"verified":                      r.Verified,
		"reads, bytes":                  r.Reads > 0 && r.Bytes == r.Reads*int64(r.BlockBytes),
		"rates":                         r.MiBPerS > 0 && r.IOPS > 0 && r.Seconds >= 0.015,
		"CPU":                           r.CPUSPerGiB > 0 && r.CPUUsPerRead > 0 && r.CPUUserS+r.CPUSystemS > 0,
		"files, conns":                  r.Files == 2 && r.Conns == 1,
		"percentiles":                   0 < r.Latency.P50 && r.Latency.P50 <= r.Latency.P90 && r.Latency.P90 <= r.Latency.P99 && r.Latency.P99 <= r.Latency.P999 && r.Latency.P999 <= r.Latency.Max,
		"copying of direct":             !uring || !large || r.Placement != "direct" || r.Own.CopiedPerByte <= 0.01,
		"copying of copy":               !uring || r.Placement != "copy" || 0.99 <= r.Own.CopiedPerByte && r.Own.CopiedPerByte <= 1.1,
		"system calls":                  r.Own.SyscallsPerRead > 0 && r.Own.SyscallsPerRead < 10,
		"system calls of uring":         !uring || r.Depth > 1 || r.Own.SyscallsPerRead >= 1,
		"receives of the plan":          r.Own.Receives.Staged+r.Own.Receives.Speculative == 0 && uring == (r.Own.Receives.Exact+r.Own.Receives.Overlap > 0) && (r.Plan != "exact" || r.Own.Receives.Overlap == 0),
		"allocations in a steady state": r.Reads < 1000 || r.Own.AllocsPerRead < 0.1,
	} {
		if !good {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

func TestDefaultWork(t *testing.T) {
	stdout, tables, code := uringbench(t, "--time", "10ms", "--repeat", "1", "--size", "4m", "--json", "-")
	if code != 0 {
		t.Fatal(tables)
	}
	r := reportOf(t, stdout)
	var got []string
	for _, run := range r.Runs {
		got = append(got, fmt.Sprint(run.Job, " ", run.BlockBytes, " ", run.Depth, " ", run.Files, " ", run.Placement))
		if run.Verified {
			t.Errorf("claims that every read was compared: %+v", run)
		}
	}
	want := []string{jobs.Experiment2013 + " 131072 60 4 copy", jobs.Experiment2013 + " 131072 60 4 direct"}
	for _, block := range []int{4 << 10, 128 << 10, 1 << 20} {
		for _, depth := range []int{1, 16} {
			for _, place := range []string{"copy", "direct"} {
				want = append(want, fmt.Sprint("matrix ", block, " ", depth, " 4 ", place))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, s := range []string{"job of 2013", "Blocks and depths", "measuring 1 of 14"} {
		if !strings.Contains(tables, s) {
			t.Errorf("no %q in\n%s", s, tables)
		}
	}
}

func TestQuietIsQuiet(t *testing.T) {
	_, stderr, code := uringbench(t, "--time", "10ms", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1", "--quiet")
	if code != 0 || stderr != "" {
		t.Errorf("exit status %d, stderr %q", code, stderr)
	}
}

// A file that changes under the reads is what wrong bytes look like.
func TestVerifySeesWrongBytes(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	if err := os.WriteFile(name, make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	url := serve(t, "nfs3", dir)("file")
	cmd := command(t, url, "--time", "20s", "--repeat", "1", "--bs", "4k", "--depth", "4", "--verify", "--json", "-")
	var stdout strings.Builder
	cmd.Stdout = &stdout
	said := follow(t, cmd, func() {
		time.Sleep(300 * time.Millisecond)
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte{1}, 512<<10); err != nil {
			t.Fatal(err)
		}
	})
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(said, "WRONG BYTES: file 1 differs within 4096 bytes at offset 524288") {
		t.Errorf("exit status %d\n%s", cmd.ProcessState.ExitCode(), said)
	}
	r := reportOf(t, stdout.String())
	if len(r.Runs) != 1 || r.Runs[0].Errors == 0 || r.Runs[0].Verified {
		t.Errorf("the report hides it: %+v", r.Runs)
	}
}

// follow starts the command and calls measuring once it says that it measures;
// it returns, with what was said on stderr, when the command has ended.
func follow(t *testing.T, cmd *exec.Cmd, measuring func()) string {
	t.Helper()
	return followUntil(t, cmd, "measuring 1", measuring)
}

// followUntil does so once the command says something else.
func followUntil(t *testing.T, cmd *exec.Cmd, words string, measuring func()) string {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for buf := make([]byte, 4096); ; {
		n, err := stderr.Read(buf)
		said.Write(buf[:n])
		if measuring != nil && strings.Contains(said.String(), words) {
			measuring()
			measuring = nil
		}
		if err != nil {
			break
		}
	}
	cmd.Wait()
	if measuring != nil {
		t.Fatalf("it never said %q:\n%s", words, said.String())
	}
	return said.String()
}

// The server has a pipe to watch: even a client that is killed leaves none
// behind.
func TestServerEndsWithKilledClient(t *testing.T) {
	cmd := command(t, "--time", "60s", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1")
	child := 0
	var late *time.Timer
	// The server inherits stderr: it stays open, and follow waits, until both
	// have ended.
	follow(t, cmd, func() {
		child = childrenOf(t, cmd.Process.Pid)[0]
		pid := child
		late = time.AfterFunc(20*time.Second, func() {
			t.Errorf("the server, process %d, outlives its client", pid)
			syscall.Kill(pid, syscall.SIGKILL)
		})
		cmd.Process.Kill()
	})
	late.Stop()
	if child == 0 {
		t.Error("no server was started")
	}
}

// childrenOf returns the children of the process, at least one.
func childrenOf(t *testing.T, pid int) (list []int) {
	t.Helper()
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range tasks {
		text, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, child)
		}
	}
	if len(list) == 0 {
		t.Fatalf("process %d has no children", pid)
	}
	return list
}

// running reports whether the process exists and is not just waiting for
// somebody to ask how it ended.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}
