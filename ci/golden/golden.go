// Package golden compares text with files that say what it should be.
package golden

import (
	"flag"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata from what there is now")

var blanks = regexp.MustCompile(`(?m) +$`)

// Text compares text with a file, but for blanks at the ends of lines. With -update the
// file is written anew.
func Text(t testing.TB, file, got string) {
	t.Helper()
	got = blanks.ReplaceAllString(got, "")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}
