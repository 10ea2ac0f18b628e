// Command kernels runs the static test binaries of this repository on real
// kernels: it boots Debian's in qemu, without acceleration, and says in one table
// how each package fared on each, with io_uring, without, and where the kernel
// forbids it.
//
//	go run ./ci/kernels [--all | --only 5.10,7.3]
//
// It fails if a test fails, a test is skipped without a reason from package
// ci/skip, a test is skipped on every kernel for what the kernel lacks, a kernel
// is probed to lack what it is new enough for, uringbench reads other bytes than
// were served, a kernel warns, or a kernel cannot be had. It needs a Debian machine with
// qemu-system-x86; nothing is installed by it. Kernels are kept in a cache folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// flags are the command line.
type flags struct {
	all, fetchOnly, offline, allowMissing, markdown bool
	only, cache, keep, run, accel                   string
	guests, count                                   int
}

func main() {
	var f flags
	flag.BoolVar(&f.all, "all", false, "every series that Debian has, and not only the short list")
	flag.StringVar(&f.only, "only", "", "`series` to run, like 5.10,7.3, and no others")
	flag.BoolVar(&f.fetchOnly, "fetch-only", false, "fetch what would be run")
	flag.BoolVar(&f.offline, "offline", false, "run what is in the cache, do not ask the mirror")
	flag.BoolVar(&f.allowMissing, "allow-missing", false, "a kernel that cannot be had is no failure")
	flag.StringVar(&f.cache, "cache", "", "`folder` that keeps kernels (default: kernels of ringreadv's folder in the user's cache)")
	flag.StringVar(&f.keep, "keep", "", "`folder` to write all output of the guests to")
	flag.StringVar(&f.run, "run", "", "`pattern` of the tests to run, instead of those chosen for guests")
	flag.IntVar(&f.count, "count", 1, "how often each test runs")
	flag.BoolVar(&f.markdown, "markdown", false, "write the table as README.md has it, after the one for people")
	flag.StringVar(&f.accel, "accel", "tcg", "qemu's `accelerator`; kvm may hang where there is a /dev/kvm that does not work")
	flag.IntVar(&f.guests, "guests", 2, "how many guests run at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ok, err := run(ctx, f)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run reports whether all went well; its error is of this program's own doing.
func run(ctx context.Context, f flags) (ok bool, err error) {
	if f.cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return false, err
		}
		f.cache = filepath.Join(user, "ringreadv", "kernels")
	}
	work, err := os.MkdirTemp("", "kernels-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	store, err := openStore(f.cache, f.offline)
	if err != nil {
		return false, err
	}
	kernels := store.obtain(ctx, choose(f))
	for _, k := range kernels {
		fmt.Println(k)
	}
	if f.fetchOnly {
		return f.allowMissing || allThere(kernels), nil
	}
	initrd, err := buildGuest(ctx, work, f.run, f.count)
	if err != nil {
		return false, err
	}
	results := runAll(ctx, kernels, initrd, work, f)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return conclude(results, f)
}
