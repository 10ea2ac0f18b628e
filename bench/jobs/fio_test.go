package jobs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// TestFio has fio itself look at what is said here to be its files.
func TestFio(t *testing.T) {
	fio, err := exec.LookPath("fio")
	if err != nil {
		skip.For(t, skip.Machine, err)
	}
	dir := t.TempDir()
	// parse gives fio all files at once: it takes long to start.
	parse := func(texts ...string) ([]byte, error) {
		args := []string{"--parse-only"}
		for i, text := range texts {
			name := filepath.Join(dir, strconv.Itoa(i))
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, name)
		}
		return exec.CommandContext(t.Context(), fio, args...).CombinedOutput()
	}
	var texts []string
	for _, name := range Examples() {
		text, err := examples.ReadFile(name + Suffix)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, c := range accepted {
		texts = append(texts, c.text)
	}
	if out, err := parse(texts...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, text := range []string{"[x]\nfrobnicate=1\n", "[x]\nrw=write:\niodepth=a\n"} {
		if out, err := parse("[x]\n", text); err == nil {
			t.Errorf("fio takes %q too:\n%s", text, out)
		}
	}
}
