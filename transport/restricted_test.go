//go:build linux

package transport

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
)

// Where ci/restricted has it that something is forbidden, the engine is of the kind
// that this leaves, what is forbidden is said to be and why, and reads are right.
func TestRestriction(t *testing.T) {
	h := restriction.Here(t)
	e := newEngine(t, Options{})
	// What a closed ring used may be charged still.
	for end := time.Now().Add(10 * time.Second); e.Kind().String() != h.Engine && h.UID != 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
		e = newEngine(t, Options{})
	}
	if got := e.Kind().String(); got != h.Engine {
		t.Fatalf("engine %s, want %s", got, h.Engine)
	}
	if h.Ring != "" {
		_, err := NewEngine(Options{Engine: EngineURing})
		expectForbidden(t, "io_uring", err, h.Ring)
		if f := ring.Probe(); f.Ring.Answer != ring.Forbidden {
			t.Error(f.Ring)
		}
	}
	memory := make([]byte, 1<<20)
	if r, err := e.Register(memory); h.Register != "" {
		expectForbidden(t, "registering", err, h.Register)
	} else if err != nil {
		t.Error(err)
	} else {
		defer r.Close()
	}
	c := dial(t, e, transporttest.Serve(t, serveReads), ConnOptions{})
	if err := e.NewQueue(1).Do(ctx, newRead(7, memory).on(c)); err != nil || !bytes.Equal(memory, pattern(7, len(memory))) {
		t.Errorf("%v, or wrong bytes", err)
	}
}

func expectForbidden(t *testing.T, what string, err error, cause string) {
	t.Helper()
	var forbidden *ring.ForbiddenError
	if !errors.As(err, &forbidden) || !strings.Contains(forbidden.Cause, cause) {
		t.Errorf("%s: %v; want a ForbiddenError that names %s", what, err, cause)
	}
}
