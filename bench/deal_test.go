package bench

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dealt says which streams' slots lie on each lane, and from which files they read.
func dealt(t *testing.T, tg *target, byVolume [][]int, readers int, w Work) (lanes [][]string) {
	t.Helper()
	s := &session{byVolume: byVolume, readers: make([]reader, readers)}
	list, err := s.lanes(tg, w, make([]byte, w.bufferBytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		var parts []string
		for _, p := range l.parts {
			var files []int
			for _, s := range p.course.stretches {
				files = append(files, s.file)
			}
			parts = append(parts, fmt.Sprintf("%d of %v", len(p.idle), files))
		}
		lanes = append(lanes, parts)
		buffers := make(map[*byte]bool)
		for i, sl := range l.slots {
			if sl.index != i || len(sl.buf) != sl.part.stream.BlockMax || buffers[&sl.buf[0]] {
				t.Errorf("slot %d of %d has %d bytes of its own", i, sl.index, len(sl.buf))
			}
			buffers[&sl.buf[0]] = true
		}
	}
	return lanes
}

func TestDeal(t *testing.T) {
	file := func(volume int) targetFile { return targetFile{volume: volume, size: 1 << 20} }
	one := &target{files: []targetFile{file(0), file(0), file(0)}}
	two := &target{files: []targetFile{file(0), file(1), file(0)}}
	stream := func(depth int, files ...int) Stream {
		return Stream{Files: files, BlockMin: 512, BlockMax: 512 * (depth + 1), Depth: depth}
	}
	thinking := stream(5, 0)
	thinking.Think = 1
	for _, c := range []struct {
		name     string
		target   *target
		byVolume [][]int
		streams  []Stream
		want     [][]string
	}{
		{"one reader", one, [][]int{{0}}, []Stream{stream(5, 0, 1, 2)}, [][]string{{"5 of [0 1 2]"}}},
		{"streams of one reader", one, [][]int{{0}}, []Stream{stream(5, 1), stream(2, 0)}, [][]string{{"5 of [1]", "2 of [0]"}}},
		{"two readers", one, [][]int{{0, 1}}, []Stream{stream(5, 0)}, [][]string{{"3 of [0]"}, {"2 of [0]"}}},
		{"streams begin with different readers", one, [][]int{{0, 1}}, []Stream{stream(1, 0), stream(1, 1)}, [][]string{{"1 of [0]"}, {"1 of [1]"}}},
		{"a stream that pauses", one, [][]int{{0, 1}}, []Stream{thinking}, [][]string{{"5 of [0]"}, nil}},
		{"two volumes", two, [][]int{{0}, {1}}, []Stream{stream(3, 0, 1, 2)}, [][]string{{"2 of [0 2]"}, {"1 of [1]"}}},
	} {
		got := dealt(t, c.target, c.byVolume, 2, Work{Streams: c.streams})
		if len(c.want) == 1 {
			got = got[:1]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
	st := stream(1, 0, 1)
	if _, err := two.deal(&st); err == nil || !strings.Contains(err.Error(), "try: a larger --depth") {
		t.Errorf("one read in flight for two volumes: %v", err)
	}
	st.Where = "f:3: job x"
	if _, err := two.deal(&st); err == nil || !strings.HasPrefix(err.Error(), "f:3: job x: ") || !strings.Contains(err.Error(), "try: a larger iodepth=") {
		t.Errorf("one read in flight of a job for two volumes: %v", err)
	}
}

// What cannot be dealt is said before anything is read.
func TestUnsuitable(t *testing.T) {
	two := &target{files: []targetFile{{volume: 0, size: 1 << 20, url: "nfs://a/file"}, {volume: 1, size: 1 << 20}}}
	good := Stream{Files: []int{0, 1}, BlockMin: 512, BlockMax: 512, Depth: 2, Where: "a.fio:3: job x"}
	for says, spoil := range map[string]func(*Stream){
		"": func(*Stream) {},
		"a.fio:3: job x: 1 reads in flight are too few":                                       func(st *Stream) { st.Depth = 1 },
		"files are on 2 volumes, which are read apart\n  try: a job for each volume":          func(st *Stream) { st.Think = 1 },
		"a.fio:3: job x: nfs://a/file: 1 MiB of the file is read, less than a block of 2 MiB": func(st *Stream) { st.BlockMin = 2 << 20 },
	} {
		st := good
		spoil(&st)
		err := two.suits(&assembly{works: []Work{{Streams: []Stream{st}}}})
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
