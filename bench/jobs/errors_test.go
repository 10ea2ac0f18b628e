package jobs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/golden"
)

// TestRefused has a file in which nearly every line is wrong, and what is said of each.
func TestRefused(t *testing.T) {
	in, err := os.ReadFile(filepath.Join("testdata", "refused.fio"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse(strings.NewReader(string(in)), "refused.fio")
	if err == nil {
		t.Fatal("accepted")
	}
	got := err.Error() + "\n"
	golden.Text(t, filepath.Join("testdata", "refused.txt"), got)
	// Each line that says what is to be wrong with it is complained about.
	for i, l := range strings.Split(string(in), "\n") {
		at := fmt.Sprintf("refused.fio:%d: ", i+1)
		if wrong := strings.Contains(l, "; wrong"); wrong != strings.Contains(got, at) {
			t.Errorf("line %d, %q: wrong is %t", i+1, l, wrong)
		}
	}
}

func TestNoJob(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "[global]\nbs=4k\n"} {
		if _, err := Parse(strings.NewReader(text), "f"); err == nil || !strings.Contains(err.Error(), "f: there is no job") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLongLine(t *testing.T) {
	_, err := Parse(strings.NewReader("[x]\n\ndescription="+strings.Repeat("a", maxLineBytes)), "f")
	var e *Error
	if !errors.As(err, &e) || e.Line != 3 {
		t.Errorf("%v, want an error of line 3", err)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Parse(failing{broken}, "f"); !errors.Is(err, broken) {
		t.Errorf("%v, want that reading failed", err)
	}
}

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
