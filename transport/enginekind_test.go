package transport

import (
	"errors"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ring"
)

func TestParseEngineKind(t *testing.T) {
	for _, k := range []EngineKind{EngineAuto, EngineURing, EnginePoller} {
		if got, err := ParseEngineKind(k.String()); got != k || err != nil {
			t.Errorf("%v: %v, %v", k, got, err)
		}
	}
	if _, err := ParseEngineKind("epoll"); err == nil || !strings.Contains(err.Error(), "uring, poller") {
		t.Error("epoll:", err)
	}
}

// The program's word counts, then the environment's, then what there is.
func TestEngineIsChosen(t *testing.T) {
	there := EngineURing
	if r, err := newURing(); err != nil {
		there = EnginePoller
	} else {
		r.ring.Close()
	}
	for _, tc := range []struct {
		program     EngineKind
		environment string
		want        EngineKind
	}{
		{EngineAuto, "", there},
		{EngineAuto, "auto", there},
		{EngineAuto, "poller", EnginePoller},
		{EnginePoller, "", EnginePoller},
		{EnginePoller, "uring", EnginePoller},
		{EngineAuto, "uring", EngineURing},
		{EngineURing, "poller", EngineURing},
	} {
		t.Setenv(EngineVariable, tc.environment)
		e, err := NewEngine(Options{Engine: tc.program})
		if err != nil {
			var forbidden *ring.ForbiddenError
			if tc.want != there && errors.As(err, &forbidden) {
				continue
			}
			t.Fatal(err)
		}
		if e.Kind() != tc.want {
			t.Errorf("program %v, environment %q: %v instead of %v", tc.program, tc.environment, e.Kind(), tc.want)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(EngineVariable, "epoll")
	if _, err := NewEngine(Options{}); err == nil || !strings.Contains(err.Error(), EngineVariable) {
		t.Error("an unknown word in the environment:", err)
	}
}
