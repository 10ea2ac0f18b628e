package peers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Fio is fio with its engine gfapi_async, told to read one file of a GlusterFS volume
// in order. It is a process of its own for each run, which connects first: what that
// costs, one that makes a single read shows, which is started right before each run. It
// is taken off the run's CPU time and switches of context; how much it varies from run
// to run is in the figures so, and in how they spread.
type Fio struct {
	FioFile
	host    string
	preload string // its libgfapi ends at once with that
}

// FioFile is what fio reads.
type FioFile struct {
	Server       string // host:port of glusterd, the port being FioPort
	Volume, Path string
	SizeBytes    int64
}

// cost is what a process used up.
type cost struct {
	user, system         time.Duration
	wakeups, preemptions int64 // voluntary and involuntary switches of context
}

// FioPort is where fio looks for glusterd.
const FioPort = "24007"

// FioPortError is a server that fio cannot be pointed at.
type FioPortError struct{ Port string }

func (e *FioPortError) Error() string {
	return fmt.Sprintf("fio looks for glusterd on port %s, and not on %s", FioPort, e.Port)
}

// Is makes it an [errors.ErrUnsupported].
func (e *FioPortError) Is(target error) bool { return target == errors.ErrUnsupported }

// startUpBlock is what a process reads once whose cost is that of starting.
const startUpBlock = 512

// NewFio has fio connect and read once, to find out whether it can. Commands are started
// by calling start.
func NewFio(ctx context.Context, file FioFile, start func(*exec.Cmd) error) (*Fio, error) {
	host, port, err := net.SplitHostPort(file.Server)
	if err != nil {
		return nil, err
	}
	if port != FioPort {
		return nil, &FioPortError{port}
	}
	if _, err := exec.LookPath("fio"); err != nil {
		return nil, &MissingError{"the contender fio", "fio", "fio"}
	}
	preload, err := quickEnd.Build(ctx)
	if err != nil {
		return nil, err
	}
	f := &Fio{FioFile: file, host: host, preload: preload}
	if _, err := f.startUp(ctx, start); err != nil {
		return nil, err
	}
	return f, nil
}

// startUp is what it takes to start, connect and read once.
func (f *Fio) startUp(ctx context.Context, start func(*exec.Cmd) error) (cost, error) {
	_, c, err := f.run(ctx, start, 0, startUpBlock, 1, "--number_ios=1")
	if err != nil {
		return c, fmt.Errorf("starting: %w", err)
	}
	return c, nil
}

// without is the result of a run without its start-up. User and system time are not
// bounded one by one: what is taken off too much of one would stay in the other, and
// make more of the sum than it is. If that is not above zero, it is not known.
func (r Result) without(startUp, all cost) Result {
	user, system := all.user-startUp.user, all.system-startUp.system
	if r.UserUS, r.SystemUS = user.Microseconds(), system.Microseconds(); r.UserUS+r.SystemUS <= 0 {
		r.UserUS, r.SystemUS = 0, 0
	}
	r.StartUpUS = (startUp.user + startUp.system).Microseconds()
	r.Wakeups, r.Preemptions = all.wakeups-startUp.wakeups, all.preemptions-startUp.preemptions
	return r
}

// FioReader reads blocks of one size, so many in flight.
type FioReader struct {
	*Fio
	ctx          context.Context
	start        func(*exec.Cmd) error
	block, depth int
}

// Reader returns a reader whose processes are started by calling start and killed when
// the context ends.
func (f *Fio) Reader(ctx context.Context, block, depth int, start func(*exec.Cmd) error) *FioReader {
	return &FioReader{f, ctx, start, block, depth}
}

// Check implements [Reader]: it cannot be done, fio hands out no bytes.
func (r *FioReader) Check(int64, int) (Sum, error) { return 0, errNoBytes }

var errNoBytes = fmt.Errorf("fio hands out no bytes to compare: %w", errors.ErrUnsupported)

// Run implements [Reader].
func (r *FioReader) Run(d time.Duration) (Result, error) {
	startUp, err := r.startUp(r.ctx, r.start)
	if err != nil {
		return Result{}, err
	}
	result, all, err := r.run(r.ctx, r.start, d, r.block, r.depth, "--time_based", "--runtime="+strconv.FormatInt(d.Milliseconds(), 10)+"ms")
	if err == nil {
		err = result.check(r.block)
	}
	if err != nil {
		return result, fmt.Errorf("reading: %w", err)
	}
	return result.without(startUp, all), nil
}

// Close has nothing to end.
func (r *FioReader) Close() {}

// run starts fio and waits for its end. It dies with this process.
func (f *Fio) run(ctx context.Context, start func(*exec.Cmd) error, d time.Duration, block, depth int, flags ...string) (Result, cost, error) {
	if ctx.Err() != nil {
		return Result{}, cost{}, context.Cause(ctx)
	}
	dir, err := os.MkdirTemp("", "uringbench-fio-")
	if err != nil {
		return Result{}, cost{}, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out.json")
	cmd := exec.Command("fio", append([]string{
		"--readonly", "--thread", "--ioengine=gfapi_async", "--volume=" + f.Volume, "--brick=" + f.host,
		"--name=read", "--rw=read", "--filename=" + fioName(f.Path), "--size=" + strconv.FormatInt(f.SizeBytes/int64(block)*int64(block), 10),
		"--bs=" + strconv.Itoa(block), "--iodepth=" + strconv.Itoa(depth),
		"--clat_percentiles=0", "--lat_percentiles=1", "--percentile_list=50:90:99:99.9", "--output-format=json+", "--output=" + out,
	}, flags...)...)
	var said tail
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = dir, &said, &said, stopTimeout
	cmd.Env = append(os.Environ(), "LD_PRELOAD="+f.preload)
	// Ctrl-C is for us; and should we be killed, it goes too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // the signal comes when the thread that started it ends
	defer runtime.UnlockOSThread()
	if err := start(cmd); err != nil {
		return Result{}, cost{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout+d+answerTimeout, fmt.Errorf("it did not end within %v", startTimeout+d+answerTimeout))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	err = cmd.Wait()
	stop()
	if ctx.Err() != nil {
		return Result{}, cost{}, context.Cause(ctx)
	}
	var result Result
	if err == nil {
		text, _ := os.ReadFile(out) // what is not there is not understood
		result, err = parseFio(text)
	}
	if err != nil {
		return Result{}, cost{}, said.explain(err)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return result, cost{cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime(), int64(u.Nvcsw), int64(u.Nivcsw)}, nil
}

// fioName is a path as fio's option filename takes it, in which a colon begins the
// next.
func fioName(path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, "/"), ":", `\:`)
}
