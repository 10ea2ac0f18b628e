package ring

import (
	"errors"
	"fmt"
)

// Answer is what probing a feature found out.
type Answer int

const (
	// No: the kernel refused; the feature's Err says how.
	No Answer = iota
	// Yes: it was done once and worked.
	Yes
	// Forbidden: the kernel may have it, this process may not use it. The
	// feature's Err is a [ForbiddenError].
	Forbidden
	// Unknown: something else than the kernel's refusal was in the way, such as a
	// limit on open files; it is not used, and asked for again by the next Probe.
	Unknown
)

var answers = [...]string{"no", "yes", "forbidden", "unknown"}

func (a Answer) String() string { return answers[a] }

// MarshalText writes the answer as its word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Feature is one thing a kernel may offer.
type Feature struct {
	// Key names it for programs and does not change; Name says what it is; Since
	// is the first mainline kernel with it.
	Key, Name, Since string
	Answer           Answer
	// Err is why the answer is not Yes.
	Err error
}

// Features is what probing found.
type Features struct {
	Ring, BoundedWait, DeferredTaskrun            Feature
	BufferTable, ReadFixed, ReadvFixed, RecvFixed Feature
	WaitAll, CancelKeepsBytes, PollFirst          Feature
}

// unasked are the features before they are probed.
func unasked() Features {
	return Features{
		Ring:             Feature{Key: "io-uring", Name: "io_uring", Since: "5.1"},
		BoundedWait:      Feature{Key: "ext-arg", Name: "wait with a bound (EXT_ARG)", Since: "5.11"},
		DeferredTaskrun:  Feature{Key: "defer-taskrun", Name: "single issuer with deferred task work", Since: "6.1"},
		BufferTable:      Feature{Key: "buffer-table", Name: "table of registered buffers, filled later", Since: "5.13"},
		ReadFixed:        Feature{Key: "read-fixed", Name: "READ_FIXED from a socket", Since: "5.1"},
		ReadvFixed:       Feature{Key: "readv-fixed", Name: "READV_FIXED from a socket", Since: "6.15"},
		RecvFixed:        Feature{Key: "recv-fixed", Name: "RECV into a registered buffer", Since: "7.2"},
		WaitAll:          Feature{Key: "wait-all", Name: "RECV that waits for all bytes", Since: "5.19"},
		CancelKeepsBytes: Feature{Key: "cancel-bytes", Name: "cancelled RECV reports the bytes it took", Since: "6.0"},
		PollFirst:        Feature{Key: "poll-first", Name: "RECV that does not try before it polls", Since: "5.19"},
	}
}

// All lists the features in the order in which people should read them.
func (f *Features) All() []Feature {
	return []Feature{
		f.Ring, f.BoundedWait, f.DeferredTaskrun, f.BufferTable, f.ReadFixed,
		f.ReadvFixed, f.RecvFixed, f.WaitAll, f.CancelKeepsBytes, f.PollFirst,
	}
}

func (f Feature) String() string {
	s := fmt.Sprintf("%s: %s", f.Name, f.Answer)
	if f.Err != nil {
		s += fmt.Sprintf(" (since Linux %s; %v)", f.Since, f.Err)
	}
	return s
}

// unknownError is why a probe could not tell.
type unknownError struct{ error }

func (e *unknownError) Unwrap() error { return e.error }

// untold has an error say nothing about the kernel.
func untold(err error) error {
	if err == nil {
		return nil
	}
	return &unknownError{err}
}

func isUntold(err error) bool {
	var untold *unknownError
	return errors.As(err, &untold)
}

// Settle takes what doing the thing once came to: nil is Yes, a [ForbiddenError]
// Forbidden, anything else No.
func (f *Feature) Settle(err error) {
	f.Err = err
	var forbidden *ForbiddenError
	switch {
	case err == nil:
		f.Answer = Yes
	case errors.As(err, &forbidden):
		f.Answer = Forbidden
	case isUntold(err):
		f.Answer = Unknown
	}
}

// SettleUntold says why the thing could not even be tried.
func (f *Feature) SettleUntold(err error) { f.Settle(untold(err)) }
