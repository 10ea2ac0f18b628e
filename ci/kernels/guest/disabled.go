package main

import (
	"errors"
	"fmt"
	"os"
)

// sysctl forbids io_uring: to those without CAP_SYS_ADMIN (1) or to all (2).
const sysctl = "/proc/sys/kernel/io_uring_disabled"

// lacksError says that the kernel does not have the sysctl.
type lacksError struct{ error }

// disabled runs f with the sysctl set, unless the value is empty, and sets it back.
func disabled(value string, f func() error) error {
	if value == "" {
		return f()
	}
	if _, err := os.Stat(sysctl); err != nil {
		return lacksError{err}
	}
	if err := os.WriteFile(sysctl, []byte(value), 0); err != nil {
		return fmt.Errorf("forbidding io_uring: %w", err)
	}
	return errors.Join(f(), os.WriteFile(sysctl, []byte("0"), 0))
}
