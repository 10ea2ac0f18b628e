package main

import (
	"context"
	"os/exec"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// patience is how long a program that was asked for its stacks may write them.
const patience = 10 * time.Second

// runJob runs one program. That it fails is said, and no error.
func runJob(out output, j talk.Job) error {
	if err := out.say(talk.Line{Begin: j.Name}); err != nil {
		return err
	}
	within, stop := context.WithTimeout(context.Background(), j.Limit)
	defer stop()
	cmd := exec.CommandContext(within, j.Program, j.Args...)
	cmd.Dir, cmd.Env = j.Dir, j.Env
	// Through a pipe, so that programs do not wait for the slow port.
	w := struct{ output }{out}
	cmd.Stdout, cmd.Stderr = w, w
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGQUIT) }
	cmd.WaitDelay = patience
	end := talk.Line{End: j.Name}
	began := time.Now()
	err := cmd.Run()
	end.Took = time.Since(began)
	if within.Err() != nil {
		end.Error = "not done within " + j.Limit.String()
	} else if err != nil {
		end.Error = err.Error()
	}
	if end.Dmesg, err = kernelLog(); err != nil {
		return err
	}
	return out.say(end)
}

// kernelLog reads and clears what the kernel logged.
func kernelLog() (string, error) {
	text := make([]byte, 1<<20)
	n, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_CLEAR, text)
	if err != nil {
		return "", err
	}
	return string(text[:n]), nil
}
