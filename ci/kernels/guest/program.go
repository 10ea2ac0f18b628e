package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os/exec"
	"syscall"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// patience is how long a program that was asked for its stacks may write them.
const patience = 10 * time.Second

// command is the program of a job, whose complaints go to the port.
func command(within context.Context, out output, j talk.Job) *exec.Cmd {
	cmd := exec.CommandContext(within, j.Program, j.Args...)
	cmd.Dir, cmd.Env = j.Dir, j.Env
	// Through a pipe, so that programs do not wait for the slow port.
	cmd.Stderr = struct{ output }{out}
	if j.User != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: j.User, Gid: j.User}}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGQUIT) }
	cmd.WaitDelay = patience
	return cmd
}

// finish runs a program to its end.
func finish(out output, j talk.Job) (digest string, err error) {
	within, stop := context.WithTimeoutCause(context.Background(), j.Limit, lateError(j.Limit))
	defer stop()
	cmd := command(within, out, j)
	cmd.Stdout = cmd.Stderr
	hash := sha256.New()
	if j.Digest {
		cmd.Stdout = hash
	}
	err = cmd.Run()
	if within.Err() != nil {
		err = context.Cause(within)
	}
	if j.Digest {
		digest = hex.EncodeToString(hash.Sum(nil))
	}
	return digest, err
}

type lateError time.Duration

func (e lateError) Error() string { return "not done within " + time.Duration(e).String() }

// runBeside starts a program and returns when it has written a line. It ends with
// the guest.
func runBeside(out output, j talk.Job) error {
	cmd := command(context.Background(), out, j)
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line := make(chan error, 1)
	go func() {
		text, err := bufio.NewReader(said).ReadString('\n')
		_, errOut := out.WriteString(text)
		line <- errors.Join(err, errOut)
	}()
	select {
	case err := <-line:
		return err
	case <-time.After(j.Limit):
		return lateError(j.Limit)
	}
}
