//go:build linux

package readv

import (
	"bytes"
	"testing"

	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
)

// Where ci/restricted has it that something is forbidden, volumes go by the engine
// that this leaves.
func TestRestriction(t *testing.T) {
	h := restriction.Here(t)
	f := fakeFile(t, &brick{}, nil)
	p := make([]byte, 100_000)
	if _, err := f.ReadAt(p, 7); err != nil || !bytes.Equal(p, content(7, len(p))) {
		t.Errorf("%v, or wrong bytes", err)
	}
	v := dialTest(t, (&brick{}).serve(t), &Options{Rings: 16})
	for _, e := range v.engines {
		if e.Kind() != v.Engine() {
			t.Errorf("one ring is a %s, another a %s", v.Engine(), e.Kind())
		}
	}
	// Rings of tests before this one may be charged still to a user who has few.
	if got := f.volume.engines[0].Kind().String(); got != h.Engine && h.MemlockBytes == 0 {
		t.Errorf("engine %s, want %s", got, h.Engine)
	}
}
