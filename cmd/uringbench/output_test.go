package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
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
		fill, err := openOutput("json", name)
		if err != nil {
			t.Fatal(err)
		}
		if err := fill(write); err != nil {
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
	fill, err := openOutput("json", filled)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := fill(func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}
