package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plain is a job that says nothing, named x, in line 1.
func plain(change func(*Job)) Job {
	j := Job{Name: "x", Line: 1, BlockMin: 4 << 10, BlockMax: 4 << 10, Depth: 1, Clones: 1, ThinkBlocks: 1}
	if change != nil {
		change(&j)
	}
	return j
}

func one(change func(*Job)) []Job { return []Job{plain(change)} }

// accepted are files that both fio and this package take.
var accepted = []struct {
	name, text string
	want       []Job
}{
	{"nothing said", "[x]\n", one(nil)},
	{"names of keys", "[x]\nreadwrite=randread\nblocksize=8k\ntimeout=10\n", one(func(j *Job) {
		j.Random, j.BlockMin, j.BlockMax, j.Runtime = true, 8<<10, 8<<10, 10*time.Second
	})},
	{"sizes", "[x]\nbs=64K\nsize=2g\n", one(func(j *Job) { j.BlockMin, j.BlockMax, j.SizeBytes = 64<<10, 64<<10, 2<<30 })},
	{"KiB of fio", "[x]\nbs=1kb\nsize=1MiB\n", one(func(j *Job) { j.BlockMin, j.BlockMax, j.SizeBytes = 1024, 1024, 1e6 })},
	{"sizes of writes", "[x]\nbs=8k,32k\n", one(func(j *Job) { j.BlockMin, j.BlockMax = 8<<10, 8<<10 })},
	{"sizes of writes alone", "[x]\nbs=64k\nbs=,32k\n", one(nil)},
	{"range", "[x]\nbsrange=4k-64k,1k-2k\n", one(func(j *Job) { j.BlockMax = 64 << 10 })},
	{"range by colon", "[x]\nblocksize_range=4k:64k\n", one(func(j *Job) { j.BlockMax = 64 << 10 })},
	{"files", "[x]\nfilename=a:d/b\\:c\n", one(func(j *Job) { j.Files = []string{"a", "d/b:c"} })},
	{"times", "[x]\nruntime=1m\nramp_time=500ms\ntime_based\nthinktime=200\nthinktime_blocks=4\n", one(func(j *Job) {
		j.Runtime, j.Ramp, j.TimeBased = time.Minute, 500*time.Millisecond, true
		j.Think, j.ThinkBlocks = 200*time.Microsecond, 4
	})},
	{"flags", "[x]\ntime_based=0\nnorandommap=1\nrw=randread\n", one(func(j *Job) { j.Again, j.Random = true, true })},
	{"rate", "[x]\nrate_iops=500,10\n", one(func(j *Job) { j.RatePerS = 500 })},
	{"clones", "[x]\nnumjobs=3\niodepth=7\n", one(func(j *Job) { j.Clones, j.Depth = 3, 7 })},
	{"comments", "# a\n; b\n[x] # c\n  iodepth=2 ; d\ndescription=one#two\n\n", one(func(j *Job) { j.Line, j.Depth, j.Description = 3, 2, "one" })},
	{"the last counts", "[x]\niodepth=2\niodepth=3\nbsrange=4k-8k\nbs=16k\n", one(func(j *Job) { j.Depth, j.BlockMin, j.BlockMax = 3, 16<<10, 16<<10 })},
	{"another name", "[y]\nname=x\n", one(nil)},
	{"sections", "[global]\niodepth=2\n[x]\n[x]\niodepth=3\n[global]\nbs=8k\n[y]\n", []Job{
		plain(func(j *Job) { j.Line, j.Depth = 3, 2 }),
		plain(func(j *Job) { j.Line, j.Depth = 4, 3 }),
		plain(func(j *Job) { j.Name, j.Line, j.Depth, j.BlockMin, j.BlockMax = "y", 8, 2, 8<<10, 8<<10 }),
	}},
	{"other globals", "[globals]\niodepth=2\n[x]\n", one(func(j *Job) { j.Line, j.Depth = 3, 2 })},
	{"carriage returns", "[x]\r\niodepth=2\r\n", one(func(j *Job) { j.Depth = 2 })},
}

func TestParse(t *testing.T) {
	for _, c := range accepted {
		got, err := Parse(strings.NewReader(c.text), "f")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if diff := cmp.Diff(c.want, got.Jobs); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// TestBase is apart from the others because not every fio has these engines.
func TestBase(t *testing.T) {
	for _, c := range []struct{ text, base string }{
		{"ioengine=gfapi_async\nvolume=v\nbrick=h", "gluster://h/v/"},
		{"brick=::1\nvolume=v\nioengine=gfapi", "gluster://[::1]/v/"},
		{"ioengine=gfapi", ""},
		{"ioengine=nfs\nnfs_url=nfs://h/e/d?nfsport=1", "nfs://h/e/d?nfsport=1"},
		{"ioengine=gfapi\nioengine=libaio", ""},
	} {
		f, err := Parse(strings.NewReader("[x]\n"+c.text), "f")
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if got := f.Jobs[0].Base; got != c.base {
			t.Errorf("%q: base %q, want %q", c.text, got, c.base)
		}
	}
}

func TestURLs(t *testing.T) {
	for list, want := range map[string][]string{
		"gluster://h:24007/v/a:gluster://h/v/b:c:nfs://h:2049/e/f": {"gluster://h:24007/v/a", "gluster://h/v/b:c", "nfs://h:2049/e/f"},
		`a:nfs\://h\:2049/e/f`: {"a", "nfs://h:2049/e/f"},
	} {
		f, err := Parse(strings.NewReader("[x]\nfilename="+list), "f")
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(want, f.Jobs[0].Files); diff != "" {
			t.Error(diff)
		}
	}
}

func TestIgnored(t *testing.T) {
	f, err := Parse(strings.NewReader("[global]\ndirect=1\nioengine=libaio\n[x]\nioengine=gfapi\ngroup_reporting\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range f.Ignored {
		got = append(got, i.String())
	}
	want := []string{
		"ignored: direct=1 (line 2): no reader here keeps a cache",
		"ignored: ioengine=libaio (line 3): how files are read is chosen with --engine and --placement",
		"ignored: group_reporting (line 6): all jobs are reported together",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for key := range ignored {
		if setters[key] != nil && key != "ioengine" || refused[key] != "" {
			t.Errorf("%s is ignored and not", key)
		}
	}
	for key := range refused {
		if setters[key] != nil {
			t.Errorf("%s is refused and not", key)
		}
	}
}
