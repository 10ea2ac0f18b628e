package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w*)\(`)

// What is named in suites is there: a test that was renamed would be run, or left,
// no more.
func TestSuitesNameTests(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range suites {
		if seen[s.name()] {
			t.Errorf("two suites are called %q", s.name())
		}
		seen[s.name()] = true
		files, err := filepath.Glob(filepath.Join("../..", s.folder, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no tests: %v", s.folder, err)
		}
		var names []string
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range testFunction.FindAllSubmatch(text, -1) {
				names = append(names, string(m[1]))
			}
		}
		for _, list := range [][]string{s.only, s.leave} {
			for _, beginning := range list {
				matches := func(name string) bool { return regexp.MustCompile(oneOf([]string{beginning})).MatchString(name) }
				if !slices.ContainsFunc(names, matches) {
					t.Errorf("%s: no test is called %s", s.name(), beginning)
				}
			}
		}
	}
}
