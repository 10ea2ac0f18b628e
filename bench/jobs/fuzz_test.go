package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse: what is accepted can be worked with, what is not names a line.
func FuzzParse(f *testing.F) {
	for _, c := range accepted {
		f.Add(c.text)
	}
	for _, name := range []string{Experiment2013 + Suffix, filepath.Join("testdata", "refused.fio")} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		file, err := Parse(strings.NewReader(text), "f")
		if err != nil {
			var e *Error
			if errors.As(err, &e) && (e.Line < 1 || e.Line > lines) {
				t.Errorf("%d lines, and an error of line %d", lines, e.Line)
			}
			return
		}
		if len(file.Jobs) == 0 {
			t.Error("no job and no error")
		}
		last := 0
		for _, j := range file.Jobs {
			if j.Line <= last || j.Line > lines {
				t.Errorf("%d lines, and a job in line %d after one in line %d", lines, j.Line, last)
			}
			last = j.Line
			checkBounds(t, j)
		}
	})
}

func checkBounds(t *testing.T, j Job) {
	switch {
	case j.Name == "",
		j.BlockMin < 1 || j.BlockMin > j.BlockMax || j.BlockMax > maxSizeBytes,
		j.Depth < 1 || j.Depth > maxCount || j.Clones < 1 || j.Clones > maxCount,
		j.SizeBytes < 0 || j.SizeBytes > maxSizeBytes,
		j.Runtime < 0 || j.Runtime > maxTime || j.Ramp < 0 || j.Ramp > maxTime || j.Think < 0 || j.Think > maxTime,
		j.ThinkBlocks < 1 || j.RatePerS < 0 || j.RatePerS > maxCount,
		j.TimeBased && j.Runtime == 0,
		j.RatePerS > 0 && j.Think > 0:
		t.Errorf("a job that makes no sense: %+v", j)
	}
	for _, name := range j.Files {
		if name == "" {
			t.Errorf("a file without a name: %q", j.Files)
		}
	}
}
