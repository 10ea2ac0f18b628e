package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// fio and uringbench are given one job file and the same files, and read as much.
func TestFioReadsTheSame(t *testing.T) {
	fio, err := exec.LookPath("fio")
	if err != nil {
		skip.For(t, skip.Machine, err)
	}
	dir := t.TempDir()
	for name, n := range map[string]int{"a": 1 << 20, "b": 1 << 20, "c": 300 << 10} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, n), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	url := serve(t, "nfs3", dir)("")
	for _, c := range []struct {
		text  string
		reads bool // as many, not only as many bytes: sizes are not drawn by chance
	}{
		{"[global]\nbs=16k\niodepth=4\n[x]\nfilename=a\n[y]\nfilename=a:b\nsize=512k\nnumjobs=2\n[global]\nbs=4k\n[z]\nfilename=c\n", true},
		{"[x]\nrw=randread\nfilename=a:b\nbs=8k\n[y]\nrw=randread\nnorandommap\nfilename=c\nbs=4k,64k\nsize=200kb\n", true},
		{"[x]\nfilename=a\nbsrange=4k-64k\n[y]\nfilename=b:a\nrw=randread\nblocksize_range=2k:32k\nsize=1m\n", false},
		{"[x]\nfilename=c\nbs=4k\nsize=40k\nthinktime=2ms\nthinktime_blocks=3\nruntime=1m ; far away\n", true},
		{"[x]\nfilename=a\nbs=1k\nsize=512KiB\n", true},
		{"[x]\nfilename=c\nbs=4k\nsize=64k\ntime_based\nruntime=400ms\nrate_iops=100\n", false},
	} {
		file := jobFile(t, "job", c.text)
		out, err := exec.CommandContext(t.Context(), fio, "--output-format=json", "--readonly", "--directory="+dir, file).Output()
		if err != nil {
			t.Fatalf("fio: %v\n%s\n%s", err, out, c.text)
		}
		var theirs struct {
			Jobs []struct {
				Read struct {
					Bytes int64 `json:"io_bytes"`
					Reads int64 `json:"total_ios"`
				} `json:"read"`
			} `json:"jobs"`
		}
		// It may begin with a note about engines.
		if err := json.Unmarshal(out[max(bytes.IndexByte(out, '{'), 0):], &theirs); err != nil {
			t.Fatalf("fio: %v\n%s", err, out)
		}
		var size, reads int64
		for _, j := range theirs.Jobs {
			size, reads = size+j.Read.Bytes, reads+j.Read.Reads
		}
		u := runJobs(t, "--job", file, "--repeat", "1", "--placement", "direct", url)[0]
		if u.RatePerS > 0 {
			// Both are asked for 40 reads; of fio the last may be late.
			if due := u.Reads + u.Missed; due != 40 || reads > due+5 || reads < due-20 {
				t.Errorf("%d reads due, and %d by fio, for\n%s", due, reads, c.text)
			}
		} else if u.Bytes != size || c.reads && u.Reads != reads {
			t.Errorf("%d bytes in %d reads, and %d in %d by fio, for\n%s", u.Bytes, u.Reads, size, reads, c.text)
		}
	}
}
