package rules

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ringreadv/ringreadv/"

type pkg struct {
	ImportPath, Dir string
	Standard        bool
	Imports         []string
	GoFiles         []string
	TestGoFiles     []string
	XTestGoFiles    []string
}

// list runs go list on the whole module.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Standard,Imports,GoFiles,TestGoFiles,XTestGoFiles"}, args...)...)
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// below says which rooms each room may import, besides itself. Tests are free:
// the helpers they share stand in ci, which no room may import otherwise.
var below = map[string][]string{
	"ring":      {},
	"xdrwire":   {},
	"transport": {"ring", "xdrwire"},
	"readv":     {"ring", "xdrwire", "transport"},
	"bench":     {"ring", "xdrwire", "transport", "readv"},
	"cmd":       {"ring", "xdrwire", "transport", "readv", "bench"},
	"ci":        {"xdrwire"},
}

func room(importPath string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(importPath, module), "/")
	return name
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range list(t, "./...") {
		allowed, known := below[room(p.ImportPath)]
		if !known {
			t.Errorf("%s is in no known room", p.ImportPath)
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, module) && room(i) != room(p.ImportPath) && !slices.Contains(allowed, room(i)) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
}

// What users link brings in two modules and no more.
func TestLibraryDependencies(t *testing.T) {
	for _, p := range list(t, "-deps", "./readv/...", "./transport", "./xdrwire/...", "./ring") {
		if p.Standard || strings.HasPrefix(p.ImportPath, module) ||
			strings.HasPrefix(p.ImportPath, "golang.org/x/sys/") || p.ImportPath == "github.com/iceber/iouring-go/syscall" {
			continue
		}
		t.Errorf("the library pulls in %s", p.ImportPath)
	}
}

// Protocols stay out of the layers that do not know them.
func TestLayersStayIgnorant(t *testing.T) {
	for _, c := range []struct{ from, not string }{
		{"ring", "net"}, {"xdrwire", "net"}, {"xdrwire", "os"}, {"transport", module + "xdrwire/gfs"}, {"transport", module + "xdrwire/nfs3"},
	} {
		for _, p := range list(t, "./"+c.from+"/...") {
			if slices.Contains(p.Imports, c.not) && !strings.HasSuffix(p.ImportPath, "test") {
				t.Errorf("%s imports %s", p.ImportPath, c.not)
			}
		}
	}
}
