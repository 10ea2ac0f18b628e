package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ringreadv/ringreadv/bench"
)

// Exit statuses. 0 is that all went well.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitWorse       = 3
	exitInterrupted = 128 + 2 // as shells say it of a command that SIGINT ended
)

const statusHelp = `Exit status:
  0    all went well
  1    something failed
  2    the command line, or a job file, is wrong
  3    diff --check found a figure worse, beyond the noise
  130  interrupted by Ctrl-C or SIGTERM; what was measured until then was written`

// statusError is an error that has an exit status of its own.
type statusError struct {
	status int
	error
}

func (e *statusError) Unwrap() error { return e.error }

// usage is for a command line, or a job file, that is wrong.
func usage(err error) error { return withStatus(exitUsage, err) }

// worse is for a comparison that was to find nothing worse, and did.
func worse(err error) error { return withStatus(exitWorse, err) }

func withStatus(status int, err error) error {
	if err == nil {
		return nil
	}
	return &statusError{status, err}
}

// statusOf is the exit status for an error. Of several errors a failure counts most:
// who is told that it was interrupted may rely on what was written.
func statusOf(ctx context.Context, err error) int {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		status := 0
		for _, e := range all.Unwrap() {
			switch s := statusOf(ctx, e); {
			case s == exitFailure:
				return s
			default:
				status = max(status, s)
			}
		}
		return status
	}
	var own *statusError
	switch {
	case err == nil:
		return 0
	case interrupted(ctx, err):
		return exitInterrupted
	case errors.As(err, &own):
		return own.status
	}
	return exitFailure
}

// interrupted reports whether the error is that the user, or who sent SIGTERM, wanted
// no more.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx)))
}

// tell says what is wrong, on one line or two: an interruption without what it broke
// off, wrong usage with where to read on.
func tell(ctx context.Context, w io.Writer, err error, command string) {
	var broken *bench.InterruptedError
	status := statusOf(ctx, err)
	switch {
	case status == exitInterrupted && errors.As(err, &broken):
		fmt.Fprintln(w, "uringbench:", broken)
	case status == exitInterrupted:
		fmt.Fprintln(w, "uringbench: interrupted")
	default:
		fmt.Fprintln(w, "uringbench:", err)
	}
	if status == exitUsage {
		fmt.Fprintf(w, "  see: %s --help\n", command)
	}
}
