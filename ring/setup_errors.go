//go:build linux

package ring

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// setupError gives the errno of io_uring_setup(2) its likely meaning.
func setupError(err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		if s, _ := os.ReadFile("/proc/sys/kernel/io_uring_disabled"); len(s) > 0 && s[0] != '0' {
			return &ForbiddenError{Cause: "sysctl kernel.io_uring_disabled is " + strings.TrimSpace(string(s)), Err: err}
		}
		return &ForbiddenError{Cause: "a seccomp filter, as container runtimes install", Err: err}
	case errors.Is(err, unix.ENOSYS):
		return &ForbiddenError{Cause: "a kernel before 5.1, one built without io_uring, or a seccomp filter", Err: err}
	case errors.Is(err, unix.ENOMEM):
		return &ForbiddenError{Cause: "RLIMIT_MEMLOCK (ulimit -l) is too small for the queues", Err: err}
	}
	return fmt.Errorf("ring: setup: %w", err)
}

// refusal gives an error of another system call of io_uring its likely meaning, on a
// ring that was set up: the kernel itself does not answer like this.
func refusal(call string, err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
		return &ForbiddenError{Cause: "a seccomp filter that refuses " + call + ", though not io_uring_setup", Err: err}
	}
	return err
}
