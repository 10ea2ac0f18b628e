package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/chaos"
	"github.com/ringreadv/ringreadv/transport"
)

// What was measured has the name of the engine that did it, whoever chose it.
func TestEngineOfARun(t *testing.T) {
	here, err := bench.EngineHere(transport.EngineAuto)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ environment, flag, want string }{
		{"", "auto", here.String()},
		{"none", "poller", "poller"}, // the environment, which is wrong, is not asked
		{"poller", "auto", "poller"},
		{"poller", "auto,poller", "poller"},
		{"auto", "poller,auto", "poller," + here.String()},
	} {
		t.Setenv(transport.EngineVariable, c.environment)
		r := reportOf(t, succeed(t, "--bs", "64k", "--depth", "2", "--files", "1", "--size", "1m", "--repeat", "1", "--time", "5ms",
			"--placement", "direct", "--quiet", "--engine", c.flag, "--json", "-"))
		var got []string
		for _, run := range r.Runs {
			got = append(got, run.Engine)
		}
		if s := strings.Join(got, ","); s != c.want {
			t.Errorf("--engine %s, environment %q: measured %q, want %q", c.flag, c.environment, s, c.want)
		}
	}
}

// --engine counts more than the environment, which is wrong here.
func TestEngineOfOtherCommands(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	url := serve(t, "gluster", dir)("file")
	t.Setenv(transport.EngineVariable, "none")
	for _, command := range []string{"cat", "ls"} {
		if _, stderr, code := uringbench(t, command, url); code != 1 || !strings.Contains(stderr, transport.EngineVariable) {
			t.Errorf("%s: exit status %d\n%s", command, code, stderr)
		}
		if out := succeed(t, command, "--engine", "poller", url); !strings.Contains(out, map[string]string{"cat": "text", "ls": " file\n"}[command]) {
			t.Errorf("%s says %q", command, out)
		}
		if _, stderr, code := uringbench(t, command, "--engine", "magic", url); code != exitUsage || !strings.Contains(stderr, `no engine is called "magic"`) {
			t.Errorf("%s: exit status %d\n%s", command, code, stderr)
		}
	}
	file := filepath.Join(dir, "result.json")
	succeed(t, "chaos", "--time", "300ms", "--protocol", "gluster", "--files", "1", "--size", "1m", "--quiet", "--engine", "poller", "--json", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r chaos.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Legs) != 1 || r.Legs[0].Engine != "poller" || !r.Legs[0].Good() {
		t.Errorf("%+v", r)
	}
}
