package peers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed c
var sources embed.FS

// Program is one of the programs in C.
type Program struct {
	Name   string
	header string // that it needs, besides those of libc
	pkg    string // that has the header, in Debian
	link   []string
}

// The programs there are; c/NAME.c says which arguments each takes.
var (
	Stub    = Program{Name: "stub", link: []string{"-pthread"}}
	NFSLoop = Program{Name: "nfsloop"}
	Libnfs  = Program{Name: "libnfs", header: "nfsc/libnfs.h", pkg: "libnfs-dev", link: []string{"-lnfs"}}
	Gfapi   = Program{Name: "gfapi", header: "glusterfs/api/glfs.h", pkg: "libglusterfs-dev", link: []string{"-lgfapi", "-pthread"}}

	// quickEnd is no program but a library, for fio.
	quickEnd = Program{Name: "quickend", link: []string{"-shared", "-fPIC"}}
)

// MissingError is a program that cannot be built here.
type MissingError struct {
	Program string
	What    string // is not installed
	Package string // that has it, in Debian
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s needs %s, which is not installed: apt-get install %s", e.Program, e.What, e.Package)
}

// Is makes it an [errors.ErrUnsupported].
func (e *MissingError) Is(target error) bool { return target == errors.ErrUnsupported }

// buildTimeout bounds a run of the compiler.
const buildTimeout = time.Minute

// Build compiles the program, unless that has been done before, and returns where it
// is. The error is a [*MissingError] if something has to be installed first.
func (p *Program) Build(ctx context.Context) (path string, err error) {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	cc, err := exec.LookPath("cc")
	if err != nil {
		return "", &MissingError{p.Name, "a C compiler", "gcc libc6-dev"}
	}
	if p.header != "" {
		if err := compile(ctx, cc, "-E", "-o", os.DevNull, "-include", p.header, "-x", "c", os.DevNull); err != nil {
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			return "", &MissingError{p.Name, "<" + p.header + ">", p.pkg}
		}
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, p.Name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	// Under a name of its own first: others may be doing the same.
	work, err := os.MkdirTemp(dir, p.Name+"-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, sources); err != nil {
		return "", err
	}
	made := filepath.Join(work, p.Name)
	args := append(flags[:len(flags):len(flags)], "-o", made, filepath.Join(work, "c", p.Name+".c"))
	if err := compile(ctx, cc, append(args, p.link...)...); err != nil {
		return "", err
	}
	return path, os.Rename(made, path)
}

var flags = []string{"-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE"}

func compile(ctx context.Context, cc string, args ...string) error {
	cmd := exec.CommandContext(ctx, cc, args...)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, bytes.TrimSpace(out))
	}
	return nil
}

// cacheDir is where programs of these sources are kept.
func cacheDir() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, flags)
	err := fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := sources.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		return "", err
	}
	top, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(top, "uringbench", hex.EncodeToString(h.Sum(nil)[:8]))
	return dir, os.MkdirAll(dir, 0o700)
}
