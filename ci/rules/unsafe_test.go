package rules

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

var unsafeName = regexp.MustCompile(`_unsafe(_[a-z0-9]+)*(_test)?\.go$`)

func TestUnsafeOnlyWhereItSaysSo(t *testing.T) {
	for _, p := range list(t, "./...") {
		for _, file := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				if i.Path.Value == `"unsafe"` && !unsafeName.MatchString(file) {
					t.Errorf("%s/%s imports unsafe", p.ImportPath, file)
				}
			}
		}
	}
}
