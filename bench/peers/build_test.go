package peers

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// built compiles a program into a directory of the test's own.
func built(t *testing.T, p *Program) string {
	t.Helper()
	path, err := p.Build(t.Context())
	var missing *MissingError
	if errors.As(err, &missing) && os.Getenv("RINGREADV_REQUIRE_PEERS") != "1" {
		skip.For(t, skip.Machine, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBuild(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, p := range []*Program{&Stub, &NFSLoop, &Libnfs, &Gfapi} {
		t.Run(p.Name, func(t *testing.T) {
			path := built(t, p)
			first, err := os.Stat(path)
			if err != nil || first.Mode()&0o111 == 0 {
				t.Fatal(first, err)
			}
			again := built(t, p)
			second, err := os.Stat(again)
			if err != nil || !os.SameFile(first, second) {
				t.Errorf("it is compiled again: %s, %s, %v", path, again, err)
			}
		})
	}
}

func TestBuildSaysWhatIsMissing(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	built(t, &NFSLoop) // there is a compiler
	p := Program{Name: "nfsloop", header: "no/such.h", pkg: "such-dev"}
	var missing *MissingError
	_, err := p.Build(t.Context())
	if !errors.As(err, &missing) || missing.Package != "such-dev" || !errors.Is(err, errors.ErrUnsupported) ||
		!strings.Contains(err.Error(), "nfsloop needs <no/such.h>, which is not installed: apt-get install such-dev") {
		t.Error(err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := NFSLoop.Build(t.Context()); !errors.As(err, &missing) || missing.What != "a C compiler" {
		t.Error(err)
	}
}

func TestBuildFails(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	built(t, &NFSLoop)
	p := Program{Name: "nfsloop", link: []string{"-lnosuchlibrary"}}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var missing *MissingError
	if _, err := p.Build(t.Context()); err == nil || errors.As(err, &missing) || !strings.Contains(err.Error(), "nosuchlibrary") {
		t.Error(err)
	}
}
