package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench/chaos"
)

// Both protocols for a while, while connections fail in every way.
func TestChaos(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	stdout, stderr, code := uringbench(t, "chaos", "--time", "4s", "--seed", "3", "--json", file)
	if code != 0 || !strings.Contains(stderr, "seed 3\n") {
		t.Fatalf("exit status %d\n%s", code, stderr)
	}
	for _, s := range []string{"seed 3", "gluster, 2 s", "nfs3, 2 s", "verified", "re-sends", "black hole", "length of payload", "written after the report"} {
		if !strings.Contains(stdout, s) {
			t.Errorf("no %q in\n%s", s, stdout)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var r chaos.Report
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Seed != 3 || len(r.Legs) != 2 {
		t.Fatalf("%+v", r)
	}
	for _, l := range r.Legs {
		if !l.Good() || l.Files != 4 || l.Verified == 0 || len(l.Faults) == 0 || l.Resends == 0 || len(l.Breaches) < 9 {
			t.Errorf("%+v", l)
		}
	}
}

// A file of somebody else's server, and of the protocols one alone.
func TestChaosElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte(strings.Repeat("some text, ", 10_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout := succeed(t, "chaos", "--time", "300ms", "--quiet", serve(t, "nfs3", dir)("file"))
	if !strings.Contains(stdout, "nfs3, 0 s") || strings.Contains(stdout, "gluster") {
		t.Error(stdout)
	}
	stdout = succeed(t, "chaos", "--time", "300ms", "--quiet", "--protocol", "gluster", "--files", "1", "--size", "1m")
	if !strings.Contains(stdout, "gluster, 0 s") || strings.Contains(stdout, "nfs3") {
		t.Error(stdout)
	}
}
