package peers

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

// obtain ends the test if its server cannot be had.
func obtain[S any](t testing.TB, get func() (S, error)) S {
	t.Helper()
	s, err := get()
	if errors.Is(err, errors.ErrUnsupported) {
		missing(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openOr opens the server whose directory the environment names, or starts
// one.
func openOr[S any](env string, open func(dir string) (S, error), start func() (S, error)) (S, error) {
	dir := os.Getenv(env)
	if dir == "" {
		return start()
	}
	s, err := open(dir)
	if err != nil {
		return s, fmt.Errorf("%s=%s: %w", env, dir, err)
	}
	return s, nil
}
