package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
)

// buildGuest builds what runs in the guests, statically, and packs it into the
// initramfs they all boot: the same programs on all kernels.
func buildGuest(ctx context.Context, work, pattern string, count int) (initrd string, err error) {
	root, err := output(exec.CommandContext(ctx, "go", "list", "-m", "-f={{.Dir}}"))
	if err != nil {
		return "", err
	}
	root = strings.TrimSpace(root)
	build := func(to string, args ...string) ([]byte, error) {
		name := filepath.Join(work, filepath.Base(to))
		cmd := exec.CommandContext(ctx, "go", append(args[:len(args)-1:len(args)-1], "-ldflags=-s -w", "-o", name, "./"+args[len(args)-1])...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOARCH=amd64", "GOOS=linux")
		if _, err := output(cmd); err != nil {
			return nil, err
		}
		return os.ReadFile(name)
	}
	initrd = filepath.Join(work, "initrd")
	f, err := os.Create(initrd)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	a := &archive{w: f}
	for _, name := range []string{"dev", "proc", "sys", "tmp", "bin", "src", servedFolder[1:]} {
		a.folder(name)
	}
	a.device("dev/console", 5, 1)
	a.file(path.Join(servedFolder[1:], knownFile), 0o644, known())
	text, err := json.Marshal(jobs(pattern, count))
	if err != nil {
		return "", err
	}
	a.file(path.Base(talk.JobsFile), 0o644, text)
	programs := map[string][]string{
		"/init":      {"build", "ci/kernels/guest"},
		benchProgram: {"build", "cmd/uringbench"},
	}
	for _, s := range suites {
		if programs[s.program()] != nil {
			continue
		}
		programs[s.program()] = []string{"test", "-c", s.folder}
		a.folder("src/" + s.folder)
		if err := a.testdata(root, s.folder); err != nil {
			return "", err
		}
	}
	for name, args := range programs {
		content, err := build(name, args...)
		if err != nil {
			return "", err
		}
		a.file(name[1:], 0o755, content)
	}
	return initrd, a.close()
}

// testdata packs the files that a package's tests read, if it has any.
func (a *archive) testdata(root, folder string) error {
	tree := os.DirFS(filepath.Join(root, folder))
	err := fs.WalkDir(tree, "testdata", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			a.folder(path.Join("src", folder, name))
			return nil
		}
		content, err := fs.ReadFile(tree, name)
		a.file(path.Join("src", folder, name), 0o644, content)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
