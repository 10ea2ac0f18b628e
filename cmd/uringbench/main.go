// Uringbench measures how fast and how cheaply files of GlusterFS volumes and NFS
// servers are read through io_uring, and lets one try it: see its help.
//
// Exit status: 0 all went well, 1 something failed, 2 the command line or a job file is
// wrong, 3 diff --check found a figure worse beyond the noise, 130 interrupted by Ctrl-C
// or SIGTERM, and what was measured until then was written.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
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
	if err != nil {
		tell(ctx, os.Stderr, err, cmd.CommandPath())
	}
	return statusOf(ctx, err)
}
