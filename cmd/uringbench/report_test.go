package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench/report"
)

// A report is shown again as it was when it was made; several make one page.
func TestReportAgain(t *testing.T) {
	dir := t.TempDir()
	run, compared := filepath.Join(dir, "run.json"), filepath.Join(dir, "compare.json")
	tables := succeed(t, "--time", "5ms", "--repeat", "2", "--size", "1m", "--bs", "4k", "--depth", "4", "--quiet", "--json", run)
	if again := succeed(t, "report", run); again != tables {
		t.Errorf("run said\n%s\nand report\n%s", tables, again)
	}
	tables = succeed(t, "compare", "--time", "5ms", "--repeat", "2", "--size", "1m", "--bs", "4k", "--depth", "4", "--server", "embedded",
		"--contenders", "uring,netconn-copy", "--quiet", "--json", compared)
	if again := succeed(t, "report", compared); again != tables {
		t.Errorf("compare said\n%s\nand report\n%s", tables, again)
	}
	page := succeed(t, "report", run, compared, "--html", "-")
	if strings.Count(page, "<html") != 1 || !strings.Contains(page, "uring direct") || !strings.Contains(page, "netconn-copy") {
		t.Errorf("the page of both: %d bytes\n%.300s", len(page), page)
	}
}

// A page that cannot be made leaves what was there, or nothing.
func TestReportWithoutPage(t *testing.T) {
	dir := t.TempDir()
	page, spoilt := filepath.Join(dir, "page.html"), filepath.Join(dir, "spoilt.json")
	text, err := os.ReadFile(made(t, "run.json", 1))
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(`"mib_per_s"`), []byte(`"latency_hdr":"no histogram","mib_per_s"`))
	if err := os.WriteFile(spoilt, text, 0o644); err != nil {
		t.Fatal(err)
	}
	fails := failure{"a histogram that is none", []string{"report", spoilt, "--html", page}, []string{page, "--html: "}, ""}
	fails.check(t)
	if _, err := os.Stat(page); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a page is left: %v", err)
	}
	if err := os.WriteFile(page, []byte("of before"), 0o644); err != nil {
		t.Fatal(err)
	}
	fails.check(t)
	if got, err := os.ReadFile(page); string(got) != "of before" {
		t.Errorf("%q, %v", got, err)
	}
}

// made writes a report whose runs take so many times what they took.
func made(t *testing.T, name string, times float64) string {
	t.Helper()
	r := report.Report{Schema: report.Schema, Command: report.CommandRun}
	for i := range 7 {
		u := report.Run{Repeat: i + 1, Case: report.Case{BlockBytes: 4096, Depth: 1}, Way: report.Way{Name: "uring direct"}}
		u.Figures = report.Figures{Seconds: times * (1 + float64(i)/100), Reads: 100, Bytes: 409600, CPUUserS: 1}
		u.Derive()
		r.Runs = append(r.Runs, u)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDiff(t *testing.T) {
	fast, slow := made(t, "fast.json", 1), made(t, "slow.json", 1.25)
	for _, c := range []struct {
		args []string
		code int
		says string // on stdout if all went well
	}{
		{[]string{fast, slow}, 0, "−20.0% (p=0.001)"},
		{[]string{fast, slow, "--check"}, exitWorse, "worse beyond the noise:\n   , 4 KiB × 1, uring direct: MiB/s −20.0%"},
		{[]string{fast, slow, "--check", "--worse", "21"}, 0, "−20.0%"},
		{[]string{slow, fast, "--check"}, 0, "+25.0% (p=0.001)"},
		{[]string{fast, fast, "--check"}, 0, "~ (p=1.000)"},
		{[]string{fast, slow, "--worse", "-1"}, exitUsage, "--worse -1"},
		{[]string{fast}, exitUsage, "want the files of two reports"},
		{[]string{fast, "/nonexistent.json"}, 1, "/nonexistent.json"},
		{[]string{fast, "/proc/self/status"}, 1, "a file that uringbench wrote with --json"},
	} {
		stdout, stderr, code := uringbench(t, append([]string{"diff"}, c.args...)...)
		said := stderr
		if c.code == 0 {
			said = stdout
		}
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("diff %s: exit status %d, want %d and %q\nstdout: %s\nstderr: %s", c.args, code, c.code, c.says, stdout, stderr)
		}
	}
	if _, stderr, code := uringbench(t, "report"); code != exitUsage || !strings.Contains(stderr, "no report given") {
		t.Errorf("report of nothing: exit status %d\n%s", code, stderr)
	}
}
