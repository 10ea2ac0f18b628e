// Uringbench measures how fast and how cheaply files of GlusterFS volumes and NFS
// servers are read through io_uring, and lets one try it: see its help.
//
// Exit status: 0 all went well, 1 something failed, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:]))
}

// run is the whole command; it returns the exit status.
func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "uringbench: interrupted")
		return exitFailure
	}
	fmt.Fprintln(os.Stderr, "uringbench:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "  see: %s --help\n", cmd.CommandPath())
		return exitUsage
	}
	return exitFailure
}

// usageError is a command line that is wrong.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// oneURLAtMost is the Args of commands that can do without a URL.
func oneURLAtMost(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(fmt.Errorf("%d URLs given, want one at most", len(args)))
	}
	return nil
}

func newRoot() *cobra.Command {
	root := newRun("uringbench [URL…]")
	root.Short = "Measure and try reading remote files through io_uring"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(newRun("run [URL…]"), newCompare(), newContender(), newCat(), newList(), newChaos(), newProbe(), newServe())
	return root
}

// exactly wants n arguments.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage(fmt.Errorf("%d arguments given, want %s", len(args), what))
		}
		return nil
	}
}
