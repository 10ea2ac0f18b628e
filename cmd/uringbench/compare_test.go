package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench"
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

const everybody = "uring,uring:overlap,uring-copy,uring-fixed,poller,netconn-copy,netconn-direct,nfsloop,libnfs,libgfapi"

// cellsOf counts the runs of each contender in each cell, and wants each run sane.
func cellsOf(t *testing.T, r report.Report) map[string]int {
	t.Helper()
	count := make(map[string]int)
	for _, u := range r.Runs {
		count[fmt.Sprintf("%s %s %d %d %s", u.Server, u.Protocol, u.BlockBytes, u.Depth, u.Name)]++
		ours := !slices.Contains([]string{"nfsloop", "libnfs", "libgfapi", "fio"}, u.Name)
		starts := u.Name == "fio" // for each run; more may be taken off than there is
		for what, good := range map[string]bool{
			"reads, bytes":      u.Reads > 0 && u.Bytes == u.Reads*int64(u.BlockBytes),
			"time":              u.Seconds >= r.Setup.Seconds,
			"CPU":               (u.CPUUserS+u.CPUSystemS > 0 || starts) && u.CPUUserS+u.CPUSystemS < 4*u.Seconds,
			"percentiles":       0 < u.Latency.P50 && u.Latency.P50 <= u.Latency.P90 && u.Latency.P90 <= u.Latency.P99 && u.Latency.P99 <= u.Latency.P999 && u.Latency.P999 <= u.Latency.Max,
			"histogram":         u.Histogram != "",
			"wake-ups":          (u.Wakeups >= 0 || starts) && u.Wakeups < 100*u.Reads,
			"start-up":          starts == (u.StartUpS > 0),
			"connections":       u.Conns == 1 || ours,
			"unchecked":         u.Unchecked == starts,
			"own figures":       ours == (u.Own != nil),
			"system calls":      u.Own == nil || 0 < u.Own.Syscalls && u.Own.Syscalls < 100*uint64(u.Reads),
			"the library's own": u.Own == nil || !strings.HasPrefix(u.Name, "netconn") == (u.Own.Stats["Accepted"] >= uint64(u.Reads) && u.Own.Stats["PayloadBytes"] >= uint64(u.Bytes)),
			"what is copied":    u.Placement != bench.PlacementCopy || u.Own.CopiedBytes >= uint64(u.Bytes),
			"placement":         strings.HasSuffix(u.Name, "-copy") == (u.Placement == bench.PlacementCopy) && strings.HasSuffix(u.Name, "-fixed") == u.Fixed,
		} {
			if !good {
				t.Errorf("%s: %v, %s: %+v", what, u.Case, u.Name, u.Figures)
			}
		}
	}
	return count
}

// Against the servers that it starts, with every contender there is.
func TestCompare(t *testing.T) {
	needPrograms(t)
	blocks, list := []int{4 << 10, 128 << 10}, "4k,128k"
	if testing.Short() {
		blocks, list = blocks[:1], "4k"
	}
	lines := filepath.Join(t.TempDir(), "bench.txt")
	r, tables := compared(t, "--bs", list, "--depth", "9", "--time", "20ms", "--repeat", "3", "--size", "5m", "--conns", "2",
		"--protocol", "nfs3,gluster", "--contenders", everybody, "--bench", lines)
	want := make(map[string]int)
	for _, block := range blocks {
		for where, names := range map[string]string{
			"embedded nfs3":    "nfsloop,libnfs",
			"embedded gluster": "libgfapi",
			"stub nfs3":        "nfsloop,libnfs",
		} {
			for name := range strings.SplitSeq("uring,uring:overlap,uring-copy,uring-fixed,poller,netconn-copy,netconn-direct,"+names, ",") {
				want[fmt.Sprintf("%s %d 9 %s", where, block, name)] = 3
			}
		}
	}
	if diff := cmp.Diff(want, cellsOf(t, r)); diff != "" {
		t.Errorf("the cross product (-want +got):\n%s", diff)
	}
	if r.Setup.Checked == "" || r.Runs[0].Conns != 2 || len(r.Servers) != 2 || r.Host.Congestion == "" || len(r.Absent) != 0 {
		t.Errorf("%+v", r)
	}
	if note := "--conns 2 does not apply to nfsloop, libnfs, libgfapi: one connection"; !slices.Contains(r.Notes, note) || !strings.Contains(tables, note) {
		t.Errorf("it is not said: %q\n%s", r.Notes, tables)
	}
	if n := strings.Count(tables, "CPU ratio"); n != 3*len(blocks) {
		t.Errorf("%d tables, want 3 for each of the blocks %s\n%s", n, list, tables)
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
	if strings.Contains(tables, "try:") {
		t.Errorf("who is missing is no failure:\n%s", tables)
	}
	_, stderr, code := uringbench(t, "compare", "--server", "embedded", "--contenders", "uring,nfsloop", "--time", "1ms")
	if code != exitFailure || !strings.Contains(stderr, "nfsloop needs a C compiler") || !strings.Contains(stderr, "\n  try: the others: --contenders uring\n") {
		t.Errorf("asked for by name: exit status %d\n%s", code, stderr)
	}
}

// fioHere skips the test where fio cannot be had, or has no engine for GlusterFS.
func fioHere(t *testing.T) {
	t.Helper()
	needPrograms(t)
	if testing.Short() {
		skip.For(t, skip.Short, "fio sleeps for two seconds before it reads from GlusterFS")
	}
	if out, err := exec.Command("fio", "--enghelp=gfapi_async").CombinedOutput(); err != nil || !strings.Contains(string(out), "brick") {
		skip.For(t, skip.Machine, "no fio with engine gfapi_async")
	}
}

// fio reads from the embedded server, is marked, and start-up is not in its figures.
func TestCompareWithFio(t *testing.T) {
	fioHere(t)
	r, tables := compared(t, "--server", "embedded", "--protocol", "gluster", "--contenders", "uring,fio", "--bs", "128k", "--depth", "4",
		"--time", "300ms", "--repeat", "1", "--size", "4m")
	want := map[string]int{"embedded gluster 131072 4 uring": 1, "embedded gluster 131072 4 fio": 1}
	if diff := cmp.Diff(want, cellsOf(t, r)); diff != "" {
		t.Error(diff)
	}
	for _, says := range []string{"fio*", "* its bytes were not compared", "but not fio's", "measured right before, is subtracted", "\n fio: start-up, which is subtracted, is "} {
		if !strings.Contains(tables, says) {
			t.Errorf("no %q in\n%s", says, tables)
		}
	}
}

// Interrupted, compare shows and writes the repetitions that are complete.
func TestInterruptCompare(t *testing.T) {
	file, lines := filepath.Join(t.TempDir(), "report.json"), filepath.Join(t.TempDir(), "bench.txt")
	cmd := command(t, "compare", "--time", "20ms", "--repeat", "1000", "--size", "4m", "--bs", "4k", "--depth", "1", "--server", "embedded",
		"--contenders", "poller,netconn-copy,netconn-direct", "--json", file, "--bench", lines)
	var stdout strings.Builder
	cmd.Stdout = &stdout
	var children []int
	said := follow(t, cmd, func() {
		children = childrenOf(t, cmd.Process.Pid)
		time.Sleep(2 * time.Second) // for some repetitions
		cmd.Process.Signal(os.Interrupt)
	})
	if cmd.ProcessState.ExitCode() != exitInterrupted || !regexp.MustCompile(`\nuringbench: interrupted after \d+ of 3000 measurements\n$`).MatchString(said) {
		t.Errorf("exit status %d\n%s", cmd.ProcessState.ExitCode(), said)
	}
	if len(children) < 4 { // the server, and the contenders
		t.Errorf("children %d", children)
	}
	allGone(t, children)
	r, err := report.ReadFile(file)
	if err != nil || !r.Interrupted {
		t.Fatalf("%+v, %v", r, err)
	}
	count := cellsOf(t, *r)
	n := count["embedded nfs3 4096 1 poller"]
	want := map[string]int{"embedded nfs3 4096 1 poller": n, "embedded nfs3 4096 1 netconn-copy": n, "embedded nfs3 4096 1 netconn-direct": n}
	if diff := cmp.Diff(want, count); diff != "" || n == 0 {
		t.Errorf("repetitions that are not complete, or none: %s", diff)
	}
	words := `\n (poller (takes|brings|has) .* netconn-copy's|no difference .* between poller and netconn-copy)|too few to tell`
	for _, says := range []string{"\n poller  ", "\n netconn-direct  ", words, "\nInterrupted: "} {
		if !regexp.MustCompile(says).MatchString(stdout.String()) {
			t.Errorf("no %q in\n%s", says, stdout.String())
		}
	}
	text, err := os.ReadFile(lines)
	if err != nil || strings.Count(string(text), "\nBenchmarkCompare/") != 3*n {
		t.Errorf("%v: %d repetitions in\n%s", err, n, text)
	}
}

// allGone wants the processes to have ended, within the time that one takes that has to
// see for itself that nobody is there any more.
func allGone(t *testing.T, pids []int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for _, pid := range pids {
		for running(pid) {
			if time.Now().After(deadline) {
				t.Errorf("process %d is still there", pid)
				syscall.Kill(pid, syscall.SIGKILL)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// However compare ends, its children end with it, even fio, which watches no pipe, and
// whose server goes on.
func TestNobodyOutlivesCompare(t *testing.T) {
	fioHere(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	url := started(t, command(t, "serve", "--glusterd", "--dir", dir))("file")
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := command(t, "compare", "--contenders", "fio,poller", "--time", "60s", "--repeat", "1", "--bs", "4k", "--depth", "1", url)
			cmd.Env = append(cmd.Environ(), "TMPDIR="+t.TempDir()) // killed, it cannot clean up
			var children []int
			follow(t, cmd, func() {
				for range 1000 { // until the library's and fio are there
					if children = childrenOf(t, cmd.Process.Pid); len(children) == 2 {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(time.Second) // until fio has nothing more to say to anybody
				cmd.Process.Signal(signal)
			})
			if len(children) != 2 {
				t.Errorf("children %d", children)
			}
			allGone(t, children)
		})
	}
}

// What compare says when it cannot: the URL, the contender, and what to try.
func TestCompareFails(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "file"), randomBytes(8<<10), 0o644), os.Mkdir(filepath.Join(dir, "sub"), 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range protocols {
		url := serve(t, protocol, dir)
		with := func(name string, args ...string) []string {
			return append([]string{"compare", "--quiet", "--time", "1ms", "--repeat", "1", "--bs", "4k", "--depth", "2", url(name)}, args...)
		}
		for _, f := range []failure{
			{"a directory", with("sub"), []string{url("sub"), "a directory"}, "uringbench ls "},
			{"no such file", with("none"), []string{url("none"), "looking: ", "no such file"}, "uringbench ls "},
			{"smaller than a block", with("file", "--bs", "16k"), []string{url("file"), "8 KiB", "16 KiB"}, "smaller blocks"},
			{"a contender that dies", with("file", "--contenders", "poller,uring@/bin/false"),
				[]string{url("file"), "4 KiB × 2: uring@/bin/false: connecting: it ended with exit status 1"}, "the others: --contenders poller"},
			{"a contender that says something else", with("file", "--contenders", "poller@/bin/echo,uring,netconn-copy"),
				[]string{url("file"), "poller@/bin/echo: connecting: it said ", `"ready"`}, "the others: --contenders uring,netconn-copy"},
			{"no such program", with("file", "--contenders", "poller@/nonexistent"), []string{url("file"), "poller@/nonexistent: ", "no such file"}, "another contender; uringbench compare --help"},
			{"a plan that the other does not have", with("file", "--contenders", "poller:odd@/proc/self/exe"),
				[]string{url("file"), "poller:odd@/proc/self/exe: connecting: it ended with exit status 2", `no plan is called "odd"`}, "another contender"},
		} {
			f.name = protocol + ": " + f.name
			f.check(t)
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
		{"--contenders uring:magic", 2, `no plan is called "magic"`},
		{"--contenders poller-fixed", 2, `poller has no placement "fixed"`},
		{"--contenders engines,uring,uring", 2, "contender uring twice"},
		{"nfs://host/file --contenders uring,fio", 2, "contender fio reads by protocol gluster"},
		{"gluster://host/volume", 2, "try: uringbench ls gluster://host/volume"},
		{"--json /nonexistent/file", 1, "/nonexistent/file"},
		{"--bench /nonexistent/file", 1, "/nonexistent/file"},
	} {
		stdout, stderr, code := uringbench(t, append([]string{"compare", "--quiet", "--time", "5ms"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("compare %s: exit status %d, want %d and %q\nstdout: %s\nstderr: %s", c.args, code, c.code, c.says, stdout, stderr)
		}
	}
}
