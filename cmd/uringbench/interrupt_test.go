package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/chaos"
)

// A run ends with what was measured: tables, their legend, and outputs that say so.
func TestInterruptWithResults(t *testing.T) {
	dir := t.TempDir()
	file, lines := filepath.Join(dir, "result.json"), filepath.Join(dir, "bench.txt")
	cmd := command(t, "--time", "100ms", "--repeat", "1000", "--size", "4m", "--bs", "4k", "--depth", "1,4", "--json", file, "--bench", lines)
	stdout := &strings.Builder{}
	cmd.Stdout = stdout
	child := 0
	said := follow(t, cmd, func() {
		child = childrenOf(t, cmd.Process.Pid)[0]
		time.Sleep(time.Second)
		cmd.Process.Signal(syscall.SIGTERM)
	})
	end := regexp.MustCompile(`\nuringbench: interrupted after (\d+) of 4000 measurements\n$`).FindStringSubmatch(said)
	if cmd.ProcessState.ExitCode() != exitInterrupted || end == nil {
		t.Fatalf("exit status %d\n%s", cmd.ProcessState.ExitCode(), said)
	}
	for _, s := range []string{"bytes ", "Blocks and depths", " direct ", "vs copy", "CPU s/GiB is the CPU time of", "Interrupted: there are fewer"} {
		if !strings.Contains(stdout.String(), s) {
			t.Errorf("no %q in\n%s", s, stdout)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := reportOf(t, string(text))
	if !r.Interrupted || len(r.Runs) == 0 || end[1] != strconv.Itoa(len(r.Runs)) {
		t.Errorf("interrupted %v, %d runs, and it says %s", r.Interrupted, len(r.Runs), end[1])
	}
	text, err = os.ReadFile(lines)
	if err != nil || strings.Count(string(text), "\nBenchmarkRun/") != len(r.Runs) {
		t.Errorf("%v, %s", err, text)
	}
	if running(child) {
		t.Errorf("the server, process %d, is still there", child)
	}
}

// Before anything was measured there is nothing to say, and files are as they were.
func TestInterruptAtOnce(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	if err := os.WriteFile(old, []byte("of before"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, "--time", "60s", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1", "--json", old, "--bench", fresh)
	stdout := &strings.Builder{}
	cmd.Stdout = stdout
	child := 0
	said := follow(t, cmd, func() {
		child = childrenOf(t, cmd.Process.Pid)[0]
		cmd.Process.Signal(os.Interrupt)
	})
	if cmd.ProcessState.ExitCode() != exitInterrupted || !strings.HasSuffix(said, "\nuringbench: interrupted\n") || strings.Contains(stdout.String(), "CPU s/GiB") {
		t.Errorf("exit status %d\n%s%s", cmd.ProcessState.ExitCode(), stdout, said)
	}
	if running(child) {
		t.Errorf("the server, process %d, is still there", child)
	}
	if text, err := os.ReadFile(old); string(text) != "of before" {
		t.Errorf("%v: %q", err, text)
	}
	if _, err := os.Stat(fresh); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of nothing is left: %v", err)
	}
}

// Whatever the moment, also while the server that was started makes its files: there is
// one line about it.
func TestInterruptEarly(t *testing.T) {
	for _, args := range []string{
		"run --quiet", "run --job 2013-zero-copy-readv --quiet", "chaos --protocol nfs3", "compare --server embedded --contenders netconn-copy --quiet",
	} {
		// Until a server has been started SIGINT may come when nobody has asked for it
		// yet, and ends the process as it does others.
		for _, after := range []time.Duration{-1, 0, 5 * time.Millisecond, 30 * time.Millisecond, 100 * time.Millisecond} {
			cmd := command(t, strings.Fields(args)...)
			stderr := &strings.Builder{}
			cmd.Stderr = stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if after >= 0 {
				waitForChild(t, cmd.Process.Pid)
				time.Sleep(after)
			}
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			said := lines[len(lines)-1]
			s := cmd.ProcessState.Sys().(syscall.WaitStatus)
			unasked := after < 0 && s.Signaled() && s.Signal() == syscall.SIGINT
			if !unasked && (s.ExitStatus() != exitInterrupted || !strings.HasPrefix(said, "uringbench: interrupted") || strings.Contains(stderr.String(), "embedded server")) {
				t.Errorf("%s, %v after its server was started: %v\n%s", args, after, cmd.ProcessState, stderr)
			}
		}
	}
}

// waitForChild waits until a process has started another.
func waitForChild(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, file := range tasks {
			if text, _ := os.ReadFile(file); len(text) > 0 {
				return
			}
		}
	}
	t.Fatalf("process %d starts no other", pid)
}

// Who sends a second signal does not want to wait. This one waits for a pipe that is
// full.
func TestInterruptTwice(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(4<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, "cat", serve(t, "gluster", dir)("file"))
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := r.Read(first); err != nil { // it writes, and more than a pipe holds
		t.Fatal(err)
	}
	cmd.Process.Signal(os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// The signal handler is taken away a moment after the first.
	for again := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case <-again.C:
			cmd.Process.Signal(os.Interrupt)
			continue
		case <-ended:
		}
		break
	}
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGINT {
		t.Errorf("interrupted again: %v", cmd.ProcessState)
	}
}

// Whatever waits for a server can be interrupted.
func TestInterruptConnecting(t *testing.T) {
	for _, args := range []string{"cat", "ls", "run --quiet", "compare --quiet --contenders uring"} {
		silent := listen(t)
		cmd := command(t, append(strings.Fields(args), "gluster://"+silent.Addr().String()+"/volume/file")...)
		stderr := &strings.Builder{}
		cmd.Stderr = stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		c, err := silent.Accept() // it has connected, and asks
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if cmd.ProcessState.ExitCode() != exitInterrupted || stderr.String() != "uringbench: interrupted\n" {
			t.Errorf("%s: %v\n%s", args, cmd.ProcessState, stderr)
		}
	}
}

func TestInterruptChaos(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	cmd := command(t, "chaos", "--time", "60s", "--protocol", "nfs3", "--files", "1", "--size", "1m", "--json", file)
	stdout := &strings.Builder{}
	cmd.Stdout = stdout
	child := 0
	said := followUntil(t, cmd, "reads, ", func() {
		child = childrenOf(t, cmd.Process.Pid)[0]
		cmd.Process.Signal(os.Interrupt)
	})
	if cmd.ProcessState.ExitCode() != exitInterrupted || !regexp.MustCompile(`\nuringbench: interrupted after \S+s of 1m0s\n$`).MatchString(said) {
		t.Errorf("%v\n%s", cmd.ProcessState, said)
	}
	if !strings.Contains(stdout.String(), "verified") || running(child) {
		t.Errorf("server %v\n%s", running(child), stdout)
	}
	text, err := os.ReadFile(file)
	var r chaos.Report
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || !r.Interrupted || len(r.Legs) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}
