package peers

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
)

const fioSays = `fio: a note
{"jobs" : [{"jobname" : "read", "error" : 0, "read" : {"io_bytes" : 8192, "runtime" : 21, "total_ios" : 2,
	"short_ios" : 0, "lat_ns" : {"min" : 5, "max" : 2000, "N" : 2, "percentile" : {"50.000000" : 10, "90.000000" : 20, "99.000000" : 30, "99.900000" : 40},
	"bins" : {"2000" : 1, "10" : 1}}}, "usr_cpu" : 5.6}]}`

func TestParseFio(t *testing.T) {
	want := Result{
		Reads: 2, Bytes: 8192, NS: 21e6, P50NS: 10, P90NS: 20, P99NS: 30, P999NS: 40, MaxNS: 2000, Bins: Bins{{10, 1}, {2000, 1}},
	}
	if r, err := parseFio([]byte(fioSays)); err != nil || !cmp.Equal(r, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, r))
	}
	for replaced, says := range map[string]string{
		`"error" : 0→"error" : 5`:             "tells of an error",
		`"short_ios" : 0→"short_ios" : 1`:     "1 of 2 reads came back short",
		`"99.900000"→"99.950000"`:             "lacks the percentile 99.900000",
		`"bins" : {"2000"→"bins" : {"x"`:      "invalid syntax",
		`{"jobs"→{"jbs"`:                      "not of one job",
		`"usr_cpu" : 5.6}]}→"usr_cpu" : 5.6}`: "what it wrote: unexpected EOF",
	} {
		old, spoilt, _ := strings.Cut(replaced, "→")
		if !strings.Contains(fioSays, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		_, err := parseFio([]byte(strings.Replace(fioSays, old, spoilt, 1)))
		wantError(t, err, says)
	}
	_, err := parseFio([]byte("fio: engine not loadable"))
	wantError(t, err, "it wrote no JSON", "not loadable")
}

func TestWithoutStartUp(t *testing.T) {
	const ms = time.Millisecond
	read := Result{Reads: 2, Bytes: 8192, NS: 3}
	for _, c := range []struct {
		startUp, all cost
		want         Result
	}{
		{cost{30 * ms, 70 * ms, 20, 3}, cost{50 * ms, 110 * ms, 25, 4}, Result{UserUS: 20e3, SystemUS: 40e3, StartUpUS: 100e3, Wakeups: 5, Preemptions: 1}},
		// What is taken off too much of one is not left in the sum.
		{cost{30 * ms, 70 * ms, 20, 3}, cost{20 * ms, 130 * ms, 15, 2}, Result{UserUS: -10e3, SystemUS: 60e3, StartUpUS: 100e3, Wakeups: -5, Preemptions: -1}},
		{cost{30 * ms, 70 * ms, 20, 3}, cost{40 * ms, 60 * ms, 20, 3}, Result{StartUpUS: 100e3}},
		{cost{30 * ms, 70 * ms, 20, 3}, cost{40 * ms, 50 * ms, 20, 3}, Result{StartUpUS: 100e3}},
	} {
		c.want.Reads, c.want.Bytes, c.want.NS = read.Reads, read.Bytes, read.NS
		if diff := cmp.Diff(c.want, read.without(c.startUp, c.all)); diff != "" {
			t.Errorf("%+v without %+v (-want +got)\n%s", c.all, c.startUp, diff)
		}
	}
	f := (&Result{Reads: 1, UserUS: -10e3, SystemUS: 60e3, StartUpUS: 100e3, Wakeups: -5}).Figures()
	if f.CPUUserS != -0.01 || f.CPUSystemS != 0.06 || f.StartUpS != 0.1 || f.Wakeups != -5 {
		t.Errorf("%+v", f)
	}
}

func TestFioName(t *testing.T) {
	if got := fioName("/dir/a:b"); got != `dir/a\:b` {
		t.Error(got)
	}
}

// fioHere skips the test where fio cannot be had, or has no such engine.
func fioHere(t *testing.T) {
	t.Helper()
	if testing.Short() {
		skip.For(t, skip.Short, "fio sleeps for two seconds before it reads from GlusterFS")
	}
	built(t, &quickEnd)
	if out, err := exec.Command("fio", "--enghelp=gfapi_async").CombinedOutput(); err != nil || !strings.Contains(string(out), "brick") {
		skip.For(t, skip.Machine, "no fio with engine gfapi_async")
	}
}

// It reads from a real brick, and start-up is in no figure: each run has one of its own
// before it.
func TestFioReadsFromVolume(t *testing.T) {
	fioHere(t)
	s := peers.Gluster(t)
	name := s.Volume.Scratch(t) + "/a:b"
	s.Volume.Put(t, name, randomBytes())
	var all []*exec.Cmd
	start := func(cmd *exec.Cmd) error {
		all = append(all, cmd)
		return cmd.Start()
	}
	f, err := NewFio(t.Context(), FioFile{s.Addr(), s.Volume.Name, name, realBytes}, start)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	const block = 4 << 10
	reader := f.Reader(ctx, block, 4, start)
	r, err := reader.Run(300 * time.Millisecond)
	if err != nil || r.Reads < 4 || r.Bytes != block*r.Reads || r.NS < 300e6 {
		t.Errorf("%+v, %v", r, err)
	}
	checkLatencies(t, r)
	if len(all) != 3 || !slices.Contains(all[0].Args, "--number_ios=1") || !slices.Contains(all[1].Args, "--number_ios=1") || slices.Contains(all[2].Args, "--number_ios=1") {
		t.Fatalf("started were %v", all)
	}
	took := func(i int) time.Duration { return all[i].ProcessState.UserTime() + all[i].ProcessState.SystemTime() }
	off, left := took(1), max(took(2)-took(1), 0) // on a machine with much else to do that may be nothing
	if off < 10*time.Millisecond || r.StartUpUS != off.Microseconds() || (left-time.Duration(r.UserUS+r.SystemUS)*time.Microsecond).Abs() > 2*time.Microsecond {
		t.Errorf("%d and %d µs of CPU time of %v, %v and %d µs taken off", r.UserUS, r.SystemUS, took(2), off, r.StartUpUS)
	}
	if _, err := reader.Check(0, 1); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("it compares bytes: %v", err)
	}

	// The context ends it, whatever it does.
	stop := errors.New("stop")
	time.AfterFunc(300*time.Millisecond, func() { cancel(stop) })
	begun := time.Now()
	if _, err := reader.Run(time.Minute); !errors.Is(err, stop) || time.Since(begun) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	if pid := all[len(all)-1].Process.Pid; syscall.Kill(pid, 0) == nil {
		t.Errorf("process %d is still there", pid)
	}
}

// What fio says reaches people.
func TestFioFails(t *testing.T) {
	fioHere(t)
	_, err := NewFio(t.Context(), FioFile{"127.0.0.1:24007", "no-such-volume", "/file", realBytes}, (*exec.Cmd).Start)
	wantError(t, err, "starting: exit status 1", "it says:", "glfs_init failed")
	t.Setenv("PATH", t.TempDir())
	var missing *MissingError
	if _, err := NewFio(t.Context(), FioFile{Server: "127.0.0.1:24007"}, (*exec.Cmd).Start); !errors.As(err, &missing) || missing.Package != "fio" {
		t.Error(err)
	}
	_, err = NewFio(t.Context(), FioFile{Server: "127.0.0.1:24010"}, (*exec.Cmd).Start)
	wantError(t, err, "on port 24007, and not on 24010")
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Error("it is not known to be missing")
	}
}
