package backend

import (
	"errors"
	"strings"
	"testing"
)

func TestListingIsBounded(t *testing.T) {
	for _, name := range []string{".", "a", strings.Repeat("n", 255), strings.Repeat("n", 4096)} {
		var l Listing
		n := 0
		for ; n < 10_000_000; n++ {
			if err := l.Saw(name); err != nil {
				if !errors.Is(err, ErrLargeDirectory) {
					t.Error(err)
				}
				break
			}
		}
		if want := maxListBytes / (entryBytes + len(name)); n != want {
			t.Errorf("%d names of %d bytes, want %d", n, len(name), want)
		}
		if n < 1_000_000 && len(name) <= 64 {
			t.Errorf("real directories have more than %d entries", n)
		}
	}
}

func TestListingNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"a": true, ".": true, "..": true, "\xff": true, " ": true, "a\\b": true, "...": true,
		"": false, "/": false, "a/b": false, "../../etc": false, "a\x00": false,
	} {
		err := new(Listing).Saw(name)
		var bad *NameError
		if (err == nil) != ok || err != nil && (!errors.As(err, &bad) || bad.Name != name) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
