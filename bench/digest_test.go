package bench

import (
	"errors"
	"testing"
)

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
	works := []Work{
		{Streams: []Stream{{BlockMin: 96 << 10, BlockMax: 96 << 10}}},
		{Streams: []Stream{{BlockMin: 64 << 10, BlockMax: 64 << 10}, {BlockMin: 8 << 10, BlockMax: 20 << 10}}},
	}
	if got := unitFor(works[:1]); got != 96<<10 {
		t.Errorf("unit %d, want 96 KiB", got)
	}
	if got := unitFor(works); got != 4<<10 {
		t.Errorf("unit %d, want 4 KiB", got)
	}
}
