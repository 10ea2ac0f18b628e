//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
	"golang.org/x/sys/unix"
)

// processLimit is how long the tests of a package may take.
const processLimit = time.Minute

// site is a directory with test binaries that everybody may run.
type site struct {
	dir, root string // root is that of the repository
	self      string
}

func newSite() (*site, error) {
	root, err := exec.Command("go", "list", "-m", "-f={{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Not in $TMPDIR, where others may not get.
	dir, err := os.MkdirTemp("/tmp", "restricted-")
	if err != nil {
		return nil, err
	}
	return &site{dir: dir, root: strings.TrimSpace(string(root)), self: self}, os.Chmod(dir, 0o777|os.ModeSticky)
}

// build compiles a package's tests, once.
func (s *site) build(ctx context.Context, folder, arch string) (program string, err error) {
	program = filepath.Join(s.dir, strings.ReplaceAll(folder, "/", "-")+arch+".test")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./"+folder)
	cmd.Dir = s.root
	if arch != "" {
		cmd.Env = append(os.Environ(), "GOARCH="+arch)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return program, nil
}

// test runs tests as a leg has it, and prints what go test says of each.
func (s *site) test(ctx context.Context, l leg, t tests) error {
	program, err := s.build(ctx, t.folder, l.Arch)
	if err != nil {
		return err
	}
	out, err := s.start(ctx, l.Restriction, t.folder, l.engine, program, "-test.v", "-test.short",
		"-test.run="+t.run, "-test.skip="+l.leave, "-test.timeout="+(processLimit-10*time.Second).String())
	wrong := judge(out, t.run != "")
	if err = errors.Join(err, wrong); err != nil {
		fmt.Printf("%s", out)
		return err
	}
	fmt.Printf("   %s\n%s", t.folder, results(out))
	return nil
}

// ringsAreCharged finds out by setting one up, not through the library.
func (s *site) ringsAreCharged(ctx context.Context) (bool, error) {
	out, err := s.start(ctx, restriction.Restriction{UID: anybody()}, "", "")
	if err == nil {
		return false, nil
	}
	if bytes.Contains(out, []byte(unix.ENOMEM.Error())) {
		return true, nil
	}
	return false, fmt.Errorf("a ring without locked memory: %w\n%s", err, out)
}

// start runs the program restricted, to its end, in a folder of the repository.
// Where memory is limited it is as a user of its own.
func (s *site) start(ctx context.Context, r restriction.Restriction, folder, engine string, program ...string) ([]byte, error) {
	if strings.Contains(r.Ring+r.Register, byMemlock) {
		r.UID = anybody()
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, processLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.self, append([]string{restrict}, program...)...)
	cmd.Dir = filepath.Join(s.root, folder)
	cmd.Env = append(os.Environ(), restriction.Env+"="+string(text), "RINGREADV_ENGINE="+engine, "TMPDIR="+s.dir)
	if r.Procs != 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", r.Procs))
	}
	return cmd.CombinedOutput()
}
