package nfs3

import (
	"errors"
	"fmt"
)

// ErrReadLength says that the lengths a READ reply states and the request do
// not agree.
var ErrReadLength = errors.New("nfs3: lengths in the READ reply disagree")

// StatusError is the failure of a procedure on the server.
type StatusError struct{ Status Status }

// Err returns nil for [StatusOK], else a [*StatusError].
func (s Status) Err() error {
	if s == StatusOK {
		return nil
	}
	return &StatusError{Status: s}
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("nfs: %s (%s)", e.Status.Errno(), e.Status)
}

// Unwrap gives the errno of [Status.Errno], in which errors.Is finds the kinds
// of [io/fs] and [errors.ErrUnsupported].
func (e *StatusError) Unwrap() error { return e.Status.Errno() }

// Retryable reports whether the same request may succeed when sent again:
// after JUKEBOX the server asks for exactly that, some seconds later.
func (e *StatusError) Retryable() bool { return e.Status == StatusJukebox }
