package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var plainSkip = regexp.MustCompile(`\b[tb]b?\.(Skip|Skipf|SkipNow)\(`)

// Tests are skipped for a reason that has a kind.
func TestSkipsHaveReasons(t *testing.T) {
	for _, p := range list(t, "./...") {
		if p.ImportPath == module+"ci/skip" {
			continue
		}
		for _, file := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for line := range strings.Lines(string(text)) {
				if at++; plainSkip.MatchString(line) {
					t.Errorf("%s/%s:%d: use package ci/skip", p.ImportPath, file, at)
				}
			}
		}
	}
}
