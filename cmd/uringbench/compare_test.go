package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	programs "github.com/ringreadv/ringreadv/bench/peers"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// compared runs compare with the arguments and returns its report and its tables.
func compared(t *testing.T, args ...string) (r report.Report, tables string) {
	t.Helper()
	// With the race detector every contender would sleep for a second at its end.
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	stdout, stderr, code := uringbench(t, append([]string{"compare", "--quiet", "--json", "-"}, args...)...)
	if code != 0 {
		t.Fatalf("exit status %d\n%s", code, stderr)
	}
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v in\n%s", err, stdout)
	}
	return r, stderr
}

// needPrograms skips the test where a contender in C cannot be had.
func needPrograms(t *testing.T) {
	t.Helper()
	for _, p := range []*programs.Program{&programs.Stub, &programs.NFSLoop, &programs.Libnfs, &programs.Gfapi} {
		var missing *programs.MissingError
		_, err := p.Build(t.Context())
		if errors.As(err, &missing) && os.Getenv(peers.RequireEnv) != "1" {
			skip.For(t, skip.Machine, err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const everybody = "uring,uring:overlap,poller,netconn-copy,netconn-direct,nfsloop,libnfs,libgfapi"

// cellsOf counts the runs of each contender in each cell, and wants each run sane.
func cellsOf(t *testing.T, r report.Report) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, u := range r.Runs {
		count[fmt.Sprintf("%s %s %d %d %s", u.Server, u.Protocol, u.BlockBytes, u.Depth, u.Name)]++
		ours := !strings.HasPrefix(u.Name, "lib") && u.Name != "nfsloop"
		for what, good := range map[string]bool{
			"reads, bytes":        u.Reads > 0 && u.Bytes == u.Reads*int64(u.BlockBytes),
			"time":                u.Seconds >= r.Setup.Seconds,
			"CPU":                 u.CPUUserS+u.CPUSystemS > 0 && u.CPUUserS+u.CPUSystemS < 4*u.Seconds,
			"percentiles":         0 < u.Latency.P50 && u.Latency.P50 <= u.Latency.P90 && u.Latency.P90 <= u.Latency.P99 && u.Latency.P99 <= u.Latency.Max,
			"own figures":         ours == (u.Own != nil),
			"system calls":        u.Own == nil || 0 < u.Own.Syscalls && u.Own.Syscalls < 100*uint64(u.Reads),
			"the library's own":   u.Own == nil || !strings.HasPrefix(u.Name, "netconn") == (u.Own.Stats["Accepted"] >= uint64(u.Reads) && u.Own.Stats["PayloadBytes"] >= uint64(u.Bytes)),
			"what netconn copies": u.Name != "netconn-copy" || u.Own.CopiedBytes >= uint64(u.Bytes),
		} {
			if !good {
				t.Errorf("%s: %+v", what, u)
			}
		}
	}
	return count
}

// Against the servers that it starts, with every contender there is.
func TestCompare(t *testing.T) {
	needPrograms(t)
	depths, list := []int{9}, "9"
	if !testing.Short() {
		depths, list = []int{1, 9}, "1,9"
	}
	lines := filepath.Join(t.TempDir(), "bench.txt")
	r, tables := compared(t, "--bs", "4k,128k", "--depth", list, "--time", "20ms", "--repeat", "3", "--size", "5m", "--conns", "2",
		"--protocol", "nfs3,gluster", "--contenders", everybody, "--bench", lines)
	want := make(map[string]int)
	for _, block := range []int{4 << 10, 128 << 10} {
		for _, depth := range depths {
			for where, names := range map[string]string{
				"embedded nfs3":    "uring,uring:overlap,poller,netconn-copy,netconn-direct,nfsloop,libnfs",
				"embedded gluster": "uring,uring:overlap,poller,netconn-copy,netconn-direct,libgfapi",
				"stub nfs3":        "uring,uring:overlap,poller,netconn-copy,netconn-direct,nfsloop,libnfs",
			} {
				for name := range strings.SplitSeq(names, ",") {
					want[fmt.Sprintf("%s %d %d %s", where, block, depth, name)] = 3
				}
			}
		}
	}
	if diff := cmp.Diff(want, cellsOf(t, r)); diff != "" {
		t.Errorf("the cross product (-want +got):\n%s", diff)
	}
	if r.Setup.Checked == "" || r.Runs[0].Conns != 2 || len(r.Servers) != 2 || r.Host.Congestion == "" || len(r.Absent) != 0 {
		t.Errorf("%+v", r)
	}
	if n := strings.Count(tables, "CPU ratio"); n != 6*len(depths) {
		t.Errorf("%d tables, want 6 for each of the depths %v\n%s", n, depths, tables)
	}
	text, err := os.ReadFile(lines)
	if err != nil || strings.Count(string(text), "\nBenchmarkCompare/server=") != len(r.Runs) {
		t.Errorf("%d runs, %v\n%s", len(r.Runs), err, text)
	}
}

// compareEnv holds flags of compare to try real servers with instead, at length:
//
//	URINGBENCH_TEST_COMPARE="--bs 4k,128k --time 1s" go test -run CompareOnReal -v -timeout 1h ./cmd/uringbench
//
// Servers that withpeers started on a CPU of their own (taskset) stay there.
const compareEnv = "URINGBENCH_TEST_COMPARE"

// realFile is what real servers serve.
func realFile() []byte {
	if os.Getenv(compareEnv) != "" {
		return randomBytes(64 << 20)
	}
	return randomBytes(3<<20 + 5)
}

func TestCompareOnRealNFS(t *testing.T) {
	s := peers.Ganesha(t)
	if err := os.WriteFile(s.Export.Dir+"/compared", realFile(), 0o644); err != nil {
		t.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(s.Addr())
	url := fmt.Sprintf("nfs://%s%s/compared?nfsport=%d&mountport=%d", host, s.Export.Path, s.NFSPort, s.MountPort)
	compareOnReal(t, "nfs3", url, "uring", "netconn-copy", "netconn-direct", "nfsloop", "libnfs")
}

func TestCompareOnRealVolume(t *testing.T) {
	s := peers.Gluster(t)
	name := s.Volume.Scratch(t) + "/compared"
	s.Volume.Put(t, name, realFile())
	compareOnReal(t, "gluster", "gluster://"+s.Addr()+"/"+s.Volume.Name+name, "uring", "netconn-copy", "netconn-direct", "libgfapi")
}

func compareOnReal(t *testing.T, protocol, url string, names ...string) {
	t.Helper()
	needPrograms(t)
	if flags := os.Getenv(compareEnv); flags != "" {
		cmd := exec.Command("/proc/self/exe", append([]string{"compare", url}, strings.Fields(flags)...)...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			t.Error(err)
		}
		return
	}
	r, _ := compared(t, url, "--bs", "4k,128k", "--depth", "4", "--time", "20ms", "--repeat", "2", "--contenders", strings.Join(names, ","))
	want := make(map[string]int)
	for _, name := range names {
		want["url "+protocol+" 4096 4 "+name] = 2
		want["url "+protocol+" 131072 4 "+name] = 2
	}
	if diff := cmp.Diff(want, cellsOf(t, r)); diff != "" {
		t.Error(diff)
	}
}

// Without a compiler there is nobody in C.
func TestCompareWithoutCompiler(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r, tables := compared(t, "--bs", "4k", "--depth", "4", "--time", "5ms", "--repeat", "1", "--size", "1m")
	want := map[string]int{"embedded nfs3 4096 4 uring": 1, "embedded nfs3 4096 4 netconn-copy": 1, "embedded nfs3 4096 4 netconn-direct": 1}
	if diff := cmp.Diff(want, cellsOf(t, r)); diff != "" {
		t.Error(diff)
	}
	for _, says := range []string{"absent: nfsloop: nfsloop needs a C compiler, which is not installed: apt-get install gcc", "absent: libnfs: ", "absent: server stub: "} {
		if !strings.Contains(tables, says) {
			t.Errorf("no %q in\n%s", says, tables)
		}
	}
	_, stderr, code := uringbench(t, "compare", "--server", "embedded", "--contenders", "uring,nfsloop", "--time", "1ms")
	if code != 1 || !strings.Contains(stderr, "nfsloop needs a C compiler") {
		t.Errorf("asked for by name: exit status %d\n%s", code, stderr)
	}
}

func TestInterruptCompare(t *testing.T) {
	cmd := command(t, "compare", "--time", "60s", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1", "--server", "embedded")
	var children []int
	said := follow(t, cmd, func() {
		children = childrenOf(t, cmd.Process.Pid)
		cmd.Process.Signal(os.Interrupt)
	})
	if cmd.ProcessState.ExitCode() != exitInterrupted || !strings.HasSuffix(said, "uringbench: interrupted\n") {
		t.Errorf("exit status %d\n%s", cmd.ProcessState.ExitCode(), said)
	}
	if len(children) < 4 { // the server, and those who need no compiler
		t.Errorf("children %d", children)
	}
	for _, pid := range children {
		if running(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
}

func TestWrongCompareLines(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--contenders magic", 2, `no contender is called "magic"`},
		{"--server ftp", 2, `no server is called "ftp"`},
		{"--bs 1k,x", 2, `"x" is no size`},
		{"--time 0", 2, "want at least 1ms"},
		{"nfs://host/file --server stub", 2, "the URL says it itself"},
		{"nfs://host/file nfs://host/other", 2, "2 URLs given"},
		{"http://host/file", 2, "http"},
		{"nfs://127.0.0.1/x/file?nfsport=1&mountport=1", 1, "connection refused"},
		{"--server stub --protocol gluster", 1, "nothing to compare"},
		{"--contenders uring:magic --server embedded", 1, `no plan is called "magic"`},
		{"--json /nonexistent/file", 1, "/nonexistent/file"},
		{"--bench /nonexistent/file", 1, "/nonexistent/file"},
	} {
		stdout, stderr, code := uringbench(t, append([]string{"compare", "--quiet", "--time", "5ms"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("compare %s: exit status %d, want %d and %q\nstdout: %s\nstderr: %s", c.args, code, c.code, c.says, stdout, stderr)
		}
	}
}
