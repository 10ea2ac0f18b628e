package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench/report"
)

// jobFile writes a job file and returns its name.
func jobFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".fio")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// runJobs measures and returns the runs, of which every read was compared.
func runJobs(t *testing.T, args ...string) []report.Run {
	t.Helper()
	r := reportOf(t, succeed(t, append([]string{"run", "--verify", "--quiet", "--json", "-"}, args...)...))
	if len(r.Runs) == 0 {
		t.Fatal("nothing was measured")
	}
	for _, u := range r.Runs {
		if !u.Verified || u.Errors != 0 {
			t.Errorf("%s, %s: %d errors, verified is %t", u.Job, u.Way.Name, u.Errors, u.Verified)
		}
	}
	return r.Runs
}

// What job files say is what is done, whoever reads.
func TestJobs(t *testing.T) {
	jobs := []struct {
		name, text string
		wants      map[string]func(report.Run) bool
	}{
		{"sizes", "[a]\nbs=16k\nsize=1m\niodepth=4\n[b]\nbs=64k\nsize=3m\nnumjobs=2\nfilename=x\n", map[string]func(report.Run) bool{
			"160 reads of 7 MiB":  func(r report.Run) bool { return r.Reads == 64+2*48 && r.Bytes == 7<<20 },
			"3 streams, 2 files":  func(r report.Run) bool { return r.Depth == 6 && r.Files == 2 },
			"no rate, no service": func(r report.Run) bool { return r.RatePerS == 0 && r.Service == nil && r.Missed == 0 },
		}},
		{"range", "[a]\nbsrange=4k-64k\nsize=4m\niodepth=4\n", map[string]func(report.Run) bool{
			"all of 4 MiB, once":   func(r report.Run) bool { return r.Bytes == 4<<20 },
			"reads of all sizes":   func(r report.Run) bool { return r.Reads > 4<<20/(64<<10) && r.Reads < 4<<20/(4<<10) },
			"the sizes are told":   func(r report.Run) bool { return r.BlockMinBytes == 4<<10 && r.BlockBytes == 64<<10 },
			"the order is told":    func(r report.Run) bool { return r.Pattern == "seq" },
			"the depth is as said": func(r report.Run) bool { return r.Depth == 4 },
		}},
		{"random", "[a]\nrw=randread\nbs=8k\nsize=2m\niodepth=2\n[b]\nfilename=x:y\nbs=4k\nsize=100k\n", map[string]func(report.Run) bool{
			"a share of each file": func(r report.Run) bool { return r.Reads == 256+2*(50/4) && r.Files == 3 },
			"two orders":           func(r report.Run) bool { return r.Pattern == "mixed" },
		}},
		{"think", "[a]\nbs=4k\nsize=80k\niodepth=8\nthinktime=5ms\nthinktime_blocks=2\n", map[string]func(report.Run) bool{
			"9 pauses between 20 reads": func(r report.Run) bool { return r.Reads == 20 && r.Seconds >= 9*0.005 },
		}},
		{"wrap", "[a]\nbs=4k\nsize=8k\ntime_based\nruntime=100ms\niodepth=2\n", map[string]func(report.Run) bool{
			"again and again": func(r report.Run) bool { return r.Reads > 2*2 && r.Seconds >= 0.099 },
		}},
		{"runtime", "[a]\nbs=4k\nsize=4m\nthinktime=1ms\nruntime=100ms\n[b]\nbs=4k\nsize=64k\nfilename=x\n", map[string]func(report.Run) bool{
			"not to its size": func(r report.Run) bool { return r.Reads > 16 && r.Reads <= 100+16 && r.Seconds >= 0.095 },
		}},
		{"rate", "[a]\nbs=4k\nsize=64k\niodepth=8\nrate_iops=500\ntime_based\nruntime=200ms\nramp_time=20ms\n", map[string]func(report.Run) bool{
			"100 reads were due": func(r report.Run) bool { return r.RatePerS == 500 && r.Reads+r.Missed == 100 && r.Reads > 16 },
			"service is told": func(r report.Run) bool {
				return r.Service != nil && 0 < r.Service.P50 && r.Service.P50 <= r.Latency.P50
			},
		}},
	}
	args := []string{"--repeat", "1", "--engine", "uring,poller,netconn", "--placement", "direct"}
	for _, j := range jobs {
		args = append(args, "--job", jobFile(t, j.name, j.text))
	}
	runs := runJobs(t, args...)
	if len(runs) != 3*len(jobs) {
		t.Errorf("%d runs of %d jobs in three ways", len(runs), len(jobs))
	}
	for _, j := range jobs {
		for _, r := range runs {
			if r.Job != j.name {
				continue
			}
			for what, good := range j.wants {
				if !good(r) {
					t.Errorf("%s, %s: %s: %+v", j.name, r.Way.Name, what, r.Figures)
				}
			}
		}
	}
}

// Files of a server: by names in a directory, by URLs, in turn if they have none.
func TestJobOfURL(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat(name, 64<<10)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, protocol := range []string{"gluster", "nfs3"} {
		url := serve(t, protocol, dir)
		for _, c := range []struct {
			what, text  string
			urls        []string
			reads       int64
			files, runs int
		}{
			{"names in a directory", "[x]\nbs=4k\nfilename=a:/c\n[y]\nbs=8k\nfilename=a\nsize=16k\n", []string{url("")}, 2*16 + 2, 2, 2},
			{"whole URLs", "[x]\nbs=4k\nfilename=" + url("a") + ":" + url("b") + "\n", nil, 2 * 16, 2, 2},
			{"no names", "[x]\nbs=4k\nnumjobs=5\n", []string{url("")}, 5 * 16, 5, 2},
			{"no names, files", "[x]\nbs=4k\nnumjobs=3\n", []string{url("b"), url("c")}, 3 * 16, 3, 2},
		} {
			args := append([]string{"--repeat", "1", "--job", jobFile(t, "job", c.text)}, c.urls...)
			runs := runJobs(t, args...)
			for _, r := range runs {
				if r.Reads != c.reads || r.Files != c.files || r.Protocol != protocol || r.Server != "url" {
					t.Errorf("%s, %s: %d reads of %d files by %s from %s, want %d of %d", protocol, c.what, r.Reads, r.Files, r.Protocol, r.Server, c.reads, c.files)
				}
			}
			if len(runs) != c.runs {
				t.Errorf("%s, %s: %d runs, want %d", protocol, c.what, len(runs), c.runs)
			}
		}
		for text, says := range map[string][]string{
			"[x]\n[other]\nfilename=a:nothing\n": {"job.fio:2: job other: filename=nothing", url("nothing"), "uringbench ls"},
			"[x]\nbs=1m\n":                       {"no file of at least 1 MiB", "smaller blocks with bs="},
			"[x]\nbs=1m\nfilename=a\n":           {"job.fio:1: job x", "64 KiB of the file is read, less than a block of 1 MiB", "smaller blocks with bs="},
			"[x]\nfilename=/\n":                  {"job.fio:1: job x: filename=/", "is no file"},
			"[x]\nfilename=a\nrw=write\n":        {"job.fio:3: rw=write: uringbench only reads"},
		} {
			_, stderr, code := uringbench(t, "run", "--job", jobFile(t, "job", text), url(""))
			if code == 0 || slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(stderr, s) }) {
				t.Errorf("%q: exit status %d, want %q in\n%s", text, code, says, stderr)
			}
		}
	}
}

// The command line goes before the file, and what is ignored is said.
func TestJobAndFlags(t *testing.T) {
	file := jobFile(t, "job", "[x]\nbs=4k\nsize=1g\ndirect=1\nruntime=1h\n[y]\nfilename=z\nbs=4k\nsize=8k\ndirect=1\n")
	stdout, tables, code := uringbench(t, "run", "--job", file, "--size", "64k", "--placement", "direct", "--json", "-")
	if code != 0 {
		t.Fatal(tables)
	}
	r := reportOf(t, stdout)
	if len(r.Runs) != 10 || r.Setup.Repeat != 10 {
		t.Errorf("%d repetitions, want ten as in 2013", len(r.Runs))
	}
	for _, u := range r.Runs {
		if u.Reads != 2*16 {
			t.Errorf("%d reads, want 16 of each file", u.Reads)
		}
	}
	if n := strings.Count(tables, "ignored: direct=1 (line 4)"); n != 1 || len(r.Notes) != 1 {
		t.Errorf("what is ignored is said %d times and noted as %q, want once\n%s", n, r.Notes, tables)
	}
	timed := jobFile(t, "timed", "[x]\nbs=4k\nsize=8k\ntime_based\nruntime=1h\n")
	for _, u := range runJobs(t, "--job", timed, "--time", "50ms", "--repeat", "1") {
		if u.Seconds < 0.049 || u.Seconds > 20 || u.Reads <= 2 {
			t.Errorf("%v s and %d reads with --time 50ms", u.Seconds, u.Reads)
		}
	}
}
