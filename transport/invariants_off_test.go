//go:build !invariants

package transport

import (
	"reflect"
	"testing"
)

// Without the tag the checks take no room in what the engine keeps.
func TestInvariantsAreNothing(t *testing.T) {
	for _, guard := range []any{callGuard{}, queueGuard{}, connGuard{}, engineGuard{}} {
		if size := reflect.TypeOf(guard).Size(); size > 0 {
			t.Errorf("%T has %d bytes", guard, size)
		}
	}
}
