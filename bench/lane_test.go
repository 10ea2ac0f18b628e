package bench

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeal(t *testing.T) {
	for _, c := range []struct {
		name  string
		files [][]int
		depth int
		want  [][][]int // files of each slot of each volume
	}{
		{"fewer slots than files", [][]int{{0, 1, 2, 3}}, 1, [][][]int{{{0, 1, 2, 3}}}},
		{"uneven", [][]int{{0, 1, 2, 3}}, 3, [][][]int{{{0, 3}, {1}, {2}}}},
		{"more slots than files", [][]int{{0, 1}}, 5, [][][]int{{{0}, {1}, {0}, {1}, {0}}}},
		{"two volumes", [][]int{{0, 2}, {1}}, 3, [][][]int{{{0}, {2}}, {{1}}}},
	} {
		slots := make([][]*slot, len(c.files))
		if err := deal(slots, c.files, c.depth); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got [][][]int
		for _, list := range slots {
			var files [][]int
			for _, s := range list {
				files = append(files, s.files)
			}
			got = append(got, files)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
	if err := deal(make([][]*slot, 2), [][]int{{0}, {1}}, 1); err == nil {
		t.Error("one read in flight for two volumes was taken")
	}
}

func TestDigestsSeeWrongBytes(t *testing.T) {
	const size, unit = 10000, 4096
	tg := &target{server: &ServerProcess{}, files: []targetFile{{url: "a", size: size, seed: 1}, {url: "b", size: size, seed: 2}}}
	d, err := makeDigests(t.Context(), tg, unit)
	if err != nil {
		t.Fatal(err)
	}
	content := make([]byte, size)
	if _, err := (patternFile{&tg.files[0]}).ReadAt(content, 0); err != nil {
		t.Fatal(err)
	}
	for _, part := range [][2]int64{{0, unit}, {unit, 2 * unit}, {0, size}, {2 * unit, size}} {
		if err := d.check(content[part[0]:part[1]], 0, part[0]); err != nil {
			t.Errorf("right bytes %v: %v", part, err)
		}
	}
	wrong := func(name string, p []byte, file int, off, at int64) {
		var e *WrongBytesError
		if err := d.check(p, file, off); !errors.As(err, &e) || e.Off != at {
			t.Errorf("%s: %v, want wrong bytes at %d", name, err, at)
		}
	}
	wrong("another file", content[:unit], 1, 0, 0)
	wrong("another place", content[:unit], 0, unit, unit)
	content[size-1]++
	wrong("the last byte", content, 0, 0, 2*unit)
	if n := testing.AllocsPerRun(10, func() { d.check(content[:unit], 0, 0) }); n != 0 {
		t.Errorf("checking allocates %v times", n)
	}
}

func TestUnit(t *testing.T) {
	works := []Work{{BlockBytes: 96 << 10}, {BlockBytes: 64 << 10}}
	if got := unitFor(works); got != 32<<10 {
		t.Errorf("unit %d, want 32 KiB", got)
	}
}
