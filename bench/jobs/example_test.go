package jobs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExperiment2013(t *testing.T) {
	for _, name := range []string{Experiment2013, Experiment2013 + ".fio"} {
		f, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var depths []int
		for _, j := range f.Jobs {
			depths = append(depths, j.Depth)
			if j.BlockMin != 128<<10 || j.BlockMax != 128<<10 || j.SizeBytes != 512<<20 || j.Random || j.Clones != 1 || j.Files != nil {
				t.Errorf("not as it was in 2013: %+v", j)
			}
			for _, figure := range []string{"43817", "46194"} {
				if !strings.Contains(j.Description, figure) {
					t.Errorf("the description lacks %s kB/s: %s", figure, j.Description)
				}
			}
		}
		if want := []int{4, 32, 8, 16}; !slices.Equal(depths, want) {
			t.Errorf("depths %v, want %v", depths, want)
		}
	}
}

func TestOpen(t *testing.T) {
	name := filepath.Join(t.TempDir(), Experiment2013)
	if err := os.WriteFile(name, []byte("[own]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f, err := Open(name); err != nil || f.Jobs[0].Name != "own" {
		t.Errorf("a file of one's own: %v", err)
	}
	_, err := Open("nothing")
	if err == nil || !strings.Contains(err.Error(), "nothing") || !strings.Contains(err.Error(), Experiment2013) {
		t.Errorf("%v, want the name and those of the examples", err)
	}
}
