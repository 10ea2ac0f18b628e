package ring

import (
	"cmp"
	"errors"
	"fmt"
)

// UnsupportedError says that this kernel lacks something. It matches
// errors.ErrUnsupported.
type UnsupportedError struct {
	// Feature is what is missing, Since the first kernel that has it.
	Feature, Since string
	// Err is what the kernel answered, if it was asked.
	Err error
}

func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("ring: this kernel has no %s (since Linux %s)", e.Feature, e.Since)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *UnsupportedError) Unwrap() error        { return e.Err }
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }

// ForbiddenError says that the kernel has io_uring, or the feature that is named,
// but this process may not use it, or not as much of it, and names the likely cause.
type ForbiddenError struct {
	Feature string
	Cause   string
	Err     error
}

func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("ring: %s is forbidden here: %v; likely cause: %s", cmp.Or(e.Feature, "io_uring"), e.Err, e.Cause)
}

func (e *ForbiddenError) Unwrap() error { return e.Err }
