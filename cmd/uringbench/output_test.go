package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	dir := t.TempDir()
	kept, filled := filepath.Join(dir, "kept"), filepath.Join(dir, "filled")
	for _, name := range []string{kept, filled} {
		if err := os.WriteFile(name, []byte("longer than what comes"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := func(w io.Writer) error {
		_, err := io.WriteString(w, "what comes")
		return err
	}
	for name, write := range map[string]func(io.Writer) error{kept: nil, filled: text, dir + "/new": text, dir + "/none": nil, "": text, "-": nil} {
		out, err := openOutput("json", name)
		if err != nil {
			t.Fatal(err)
		}
		if err := out.fill(write); err != nil {
			t.Error(name, err)
		}
	}
	got, err := os.ReadDir(dir)
	if len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	for name, want := range map[string]string{kept: "longer than what comes", filled: "what comes", dir + "/new": "what comes"} {
		if got, err := os.ReadFile(name); string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	// What cannot be made, after it was begun, leaves a file as it was, or none.
	broken := errors.New("broken")
	for _, name := range []string{filled, dir + "/another", "-"} {
		out, err := openOutput("json", name)
		if err != nil {
			t.Fatal(err)
		}
		err = out.fill(func(w io.Writer) error { return errors.Join(text(w), broken) })
		where := name
		if name == "-" {
			where = "stdout"
		}
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), where) {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile(filled); string(got) != "what comes" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := os.Stat(dir + "/another"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// Each output has a file of its own, whatever its names; it is said before anything is
// measured.
func TestOneFileForTwo(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(dir+"/old", []byte("of before"), 0o600), os.Symlink("old", dir+"/link"), os.Symlink(".", dir+"/same")); err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{
		{"--json", "x", "--bench", "x"}, {"--json", "x", "--html", "./x"}, {"--html", "old", "--bench", "link"},
		{"--json", "new", "--html", "other", "--bench", "same/new"}, {"--json", "-", "--html", "-"},
	} {
		for _, name := range []string{"run", "compare"} {
			cmd := command(t, append([]string{name}, names...)...)
			stdout, stderr := &strings.Builder{}, &strings.Builder{}
			cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, stderr
			cmd.Run()
			n := len(names)
			if cmd.ProcessState.ExitCode() != exitUsage || stdout.Len() > 0 || !strings.Contains(stderr.String(), names[0]+" "+names[1]+" and "+names[n-2]+" "+names[n-1]) {
				t.Errorf("%s %s: %v\n%s%s", name, names, cmd.ProcessState, stdout, stderr)
			}
		}
	}
	got, err := os.ReadDir(dir)
	if text, _ := os.ReadFile(dir + "/old"); len(got) != 3 || string(text) != "of before" {
		t.Errorf("%v, %q, %v", got, text, err)
	}
	run := []string{"--quiet", "--time", "5ms", "--repeat", "1", "--size", "1m", "--bs", "4k", "--depth", "1"}
	succeed(t, append(run, "--json", os.DevNull, "--bench", os.DevNull, "--html", filepath.Join(dir, "page"))...)
}
