// Package panics checks that misuse ends in a panic that says what is wrong.
package panics

import (
	"fmt"
	"strings"
	"testing"
)

// With fails the test, and reports false, unless f panics with a message that has
// want in it.
func With(t testing.TB, want string, f func()) (ok bool) {
	t.Helper()
	defer func() {
		t.Helper()
		got := recover()
		if ok = got != nil && strings.Contains(fmt.Sprint(got), want); !ok {
			t.Errorf("the panic is %q, want %q in it", fmt.Sprint(got), want)
		}
	}()
	f()
	return false
}
