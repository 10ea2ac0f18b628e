package bench

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/report"
)

// jobConfig is one that reads what job files with these texts say.
func jobConfig(t *testing.T, texts ...string) Config {
	t.Helper()
	c := DefaultConfig()
	c.SizeBytes = 0
	for i, text := range texts {
		f, err := jobs.Parse(strings.NewReader(text), "dir/job"+string(rune('a'+i))+".fio")
		if err != nil {
			t.Fatal(err)
		}
		c.Jobs = append(c.Jobs, f)
	}
	return c
}

// filesOf says which files each stream of each work reads.
func filesOf(a *assembly) (list [][][]int) {
	for _, w := range a.works {
		var streams [][]int
		for _, st := range w.Streams {
			streams = append(streams, st.Files)
		}
		list = append(list, streams)
	}
	return list
}

func TestFilesOfJobs(t *testing.T) {
	const gfapi = "ioengine=gfapi\nvolume=v\nbrick=h\n"
	for _, c := range []struct {
		name  string
		texts []string
		urls  []string
		files [][][]int
		want  []wanted // but for where and least
	}{
		{"none named", []string{"[x]\nnumjobs=2\nsize=1m\n[y]\n"}, nil, [][][]int{{{0}, {1}, {2}}},
			[]wanted{{bytes: 1 << 20}, {index: 1, bytes: 1 << 20}, {index: 2}}},
		{"names", []string{"[x]\nfilename=a:b\nsize=1m\n[y]\nfilename=b\nsize=2m\n"}, nil, [][][]int{{{0, 1}, {1}}},
			[]wanted{{name: "a", bytes: 512 << 10}, {name: "b", bytes: 2 << 20}}},
		{"once whole", []string{"[x]\nfilename=a\nsize=1m\n[y]\nfilename=a\n[z]\nfilename=a\nsize=2m\n"}, nil, [][][]int{{{0}, {0}, {0}}},
			[]wanted{{name: "a"}}},
		{"several job files", []string{"[x]\nfilename=a\n[y]\n", "[x]\nfilename=b:a\n[y]\n[z]\n"}, nil, [][][]int{{{0}, {1}}, {{2, 0}, {1}, {3}}},
			[]wanted{{name: "a"}, {index: 1}, {name: "b"}, {index: 2}}},
		{"a directory", []string{"[x]\nfilename=a:/d/b\n"}, []string{"gluster://h/v/dir/"}, [][][]int{{{0, 1}}},
			[]wanted{{url: "gluster://h/v/dir/a", name: "a"}, {url: "gluster://h/v/dir/d/b", name: "/d/b"}}},
		{"fio's gfapi", []string{"[x]\n" + gfapi + "filename=a\n"}, nil, [][][]int{{{0}}}, []wanted{{url: "gluster://h/v/a", name: "a"}}},
		{"the command line first", []string{"[x]\n" + gfapi + "filename=a\n"}, []string{"nfs://h/e"}, [][][]int{{{0}}}, []wanted{{url: "nfs://h/e/a", name: "a"}}},
		{"URLs", []string{"[x]\nfilename=nfs://h/e/a\n"}, []string{"nfs://other/e"}, [][][]int{{{0}}}, []wanted{{url: "nfs://h/e/a", name: "nfs://h/e/a"}}},
	} {
		config := jobConfig(t, c.texts...)
		config.URLs = c.urls
		if err := config.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		a, err := config.assemble()
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.files {
			a.files[i].where, a.files[i].least = "", 0
		}
		if diff := cmp.Diff(c.want, a.files, cmp.AllowUnexported(wanted{})); diff != "" {
			t.Errorf("%s: files\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.files, filesOf(a)); diff != "" {
			t.Errorf("%s: of streams\n%s", c.name, diff)
		}
	}
}

func TestJobsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		texts []string
		urls  []string
		says  string
	}{
		{[]string{"[x]\nbs=1000\n"}, nil, "dir/joba.fio:1: job x: a block size of 1000 bytes"},
		{[]string{"[x]\n[y]\nbs=128m\n"}, nil, "dir/joba.fio:2: job y: a block size of 134217728"},
		{[]string{"[x]\nsize=4k\nbs=8k\n"}, nil, "dir/joba.fio:1: job x: size=4k is less than a block of 8 KiB"},
		{[]string{"[x]\nnumjobs=1025\n"}, nil, "a smaller numjobs="},
		{[]string{"[x]\niodepth=600\n[y]\niodepth=600\n"}, nil, "1200 reads in flight"},
		{[]string{"[x]\niodepth=100\nbs=64m\n"}, nil, "lower bs= or iodepth="},
		{[]string{"[x]\nfilename=a\n"}, []string{"gluster://h/v", "gluster://h/w"}, "filename=a: that is relative to the URL, of which there are 2"},
		{[]string{"[x]\nfilename=gluster://h\n"}, nil, "filename=gluster://h"},
		{[]string{"[x]\nfilename=nfs://h/a\n[y]\nfilename=a\n"}, nil, "job y: filename=a: no URL says on which server"},
		{[]string{"[x]\nfilename=nfs://h/a\n[y]\nfilename=gluster://h/v/a\n"}, nil, "job y: filename=gluster://h/v/a: is read by another protocol"},
		{[]string{"[x]\nioengine=gfapi\nvolume=v\nbrick=h\n"}, nil, "says gluster://h/v/ and not what to read there"},
	} {
		config := jobConfig(t, c.texts...)
		config.URLs = c.urls
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.texts, err, c.says)
		}
	}
	config := jobConfig(t, "[x]\n", "[x]\n")
	config.Jobs[1].Name = "other/joba.fio"
	if err := config.Validate(); err == nil || !strings.Contains(err.Error(), "two job files are called joba") {
		t.Errorf("two of one name: %v", err)
	}
}

// What the command line says goes first, and what is not said is fio's.
func TestStreamsOfJobs(t *testing.T) {
	config := jobConfig(t, "[x]\nbsrange=4k-8k\nrw=randread\nnorandommap\niodepth=3\nsize=1m\nruntime=5\ntime_based\nramp_time=2\nthinktime=7\nthinktime_blocks=2\n[y]\nrate_iops=9\nramp_time=1\ndescription=what it is\n")
	work := func() Work {
		a, err := config.assemble()
		if err != nil {
			t.Fatal(err)
		}
		return a.works[0]
	}
	want := Work{Job: "joba", Description: "what it is", Ramp: 2 * time.Second, Streams: []Stream{
		{Where: "dir/joba.fio:1: job x", Files: []int{0}, BlockMin: 4096, BlockMax: 8192, Depth: 3, Random: true, Again: true, SizeBytes: 1 << 20,
			TimeBased: true, Runtime: 5 * time.Second, Think: 7 * time.Microsecond, ThinkBlocks: 2},
		{Where: "dir/joba.fio:12: job y", Files: []int{1}, BlockMin: 4096, BlockMax: 4096, Depth: 1, ThinkBlocks: 1, RatePerS: 9},
	}}
	if diff := cmp.Diff(want, work(), cmp.AllowUnexported(Stream{})); diff != "" {
		t.Error(diff)
	}
	w := work()
	if diff := cmp.Diff(report.Case{Server: "s", Protocol: "p", Job: "joba", Pattern: "mixed", BlockBytes: 8192, BlockMinBytes: 4096, Depth: 4, Files: 2, RatePerS: 9},
		w.reported("s", "p")); diff != "" {
		t.Error(diff)
	}
	if d := w.longest(); d != 0 {
		t.Errorf("takes %v, though one stream ends with its file", d)
	}
	config.SizeBytes, config.Time = 64<<10, time.Second
	for i := range want.Streams {
		want.Streams[i].SizeBytes, want.Streams[i].Runtime = 64<<10, time.Second
	}
	if diff := cmp.Diff(want, work(), cmp.AllowUnexported(Stream{})); diff != "" {
		t.Errorf("with --size and --time:\n%s", diff)
	}
	w = work()
	if d := w.longest(); d != 3*time.Second {
		t.Errorf("takes %v at most, want 2 s and 1 s", d)
	}
}

// The job of 2013 beside others reads their files for their time; by itself it does
// what it did.
func TestWork2013(t *testing.T) {
	c := DefaultConfig()
	c.Files, c.URLs = 3, []string{"gluster://h/v"}
	w := c.works()[0]
	if !w.Timed || w.Job != Job2013 || !strings.Contains(w.Description, "46194") {
		t.Errorf("%+v", w)
	}
	for i, want := range []int{4, 32, 8, 16} {
		st := w.Streams[i]
		if st.Depth != want || st.BlockMin != 128<<10 || st.BlockMax != 128<<10 || st.SizeBytes != 64<<20 || !st.TimeBased || st.Files[0] != i%3 {
			t.Errorf("stream %d: %+v", i, st)
		}
	}
	c.Jobs, c.SizeBytes = []*jobs.File{jobs.Example(Job2013)}, 0
	w = c.works()[0]
	if w.Timed || w.Streams[3].SizeBytes != 512<<20 || w.Streams[3].TimeBased || w.Streams[3].Runtime != 0 || w.Streams[3].Files[0] != 3 {
		t.Errorf("as a file: %+v", w)
	}
}
