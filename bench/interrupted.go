package bench

import (
	"context"
	"fmt"
)

// InterruptedError says how far a run was when its context was cancelled. What was
// measured until then is in its report. It is a [context.Canceled].
type InterruptedError struct {
	After string // what was done, and of how much; "": nothing
}

// Interrupted is for a run of which so many of all measurements are done.
func Interrupted(done, all int) *InterruptedError {
	if done == 0 {
		return &InterruptedError{}
	}
	return &InterruptedError{After: fmt.Sprintf("%d of %d measurements", done, all)}
}

func (e *InterruptedError) Error() string {
	if e.After == "" {
		return "interrupted"
	}
	return "interrupted after " + e.After
}

func (e *InterruptedError) Unwrap() error { return context.Canceled }
