package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// aptRoot is apt with one suite and state of its own: the machine's packages and
// sources are neither looked at nor changed. Its keyring verifies all suites.
type aptRoot struct {
	dir, suite string
	options    []string
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// openApt makes the folder and fetches the suite's list of packages.
func openApt(ctx context.Context, dir, suite string) (*aptRoot, error) {
	for _, sub := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	mirror, err := mirrorOf(ctx, suite)
	if err != nil {
		return nil, err
	}
	a := &aptRoot{dir: dir, suite: suite}
	source := fmt.Sprintf("deb [arch=amd64 signed-by=%s] %s %s main\n", keyring, mirror, suite)
	for name, text := range map[string]string{"sources.list": source, "status": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for _, o := range []string{
		"Dir::Etc::sourcelist=" + filepath.Join(dir, "sources.list"),
		"Dir::Etc::sourceparts=/dev/null", "Dir::Etc::preferencesparts=/dev/null",
		"Dir::State=" + dir, "Dir::State::status=" + filepath.Join(dir, "status"),
		"Dir::State::Lists=" + filepath.Join(dir, "lists"),
		"Dir::Cache=" + dir, "Acquire::Languages=none", "APT::Architecture=amd64",
		"APT::Sandbox::User=root", "APT::Update::Error-Mode=any",
	} {
		a.options = append(a.options, "-o", o)
	}
	_, err = a.run(ctx, "apt-get", "-q", "update")
	return a, err
}

// mirrorOf is the address that this machine itself gets such a suite from.
func mirrorOf(ctx context.Context, suite string) (string, error) {
	list, err := output(exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"))
	if err != nil {
		return "", err
	}
	security := strings.HasSuffix(suite, "-security")
	for line := range strings.Lines(list) {
		uri, release, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasSuffix(release, "-security") == security {
			return uri, nil
		}
	}
	return "", fmt.Errorf("apt knows no mirror for suites like %s", suite)
}

func (a *aptRoot) run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, append(a.options, args...)...)
	cmd.Dir = filepath.Join(a.dir, "archives")
	return output(cmd)
}

// output runs a command; what it complained of is in the error.
func output(cmd *exec.Cmd) (string, error) {
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, bytes.TrimSpace(complaints.Bytes()))
	}
	return out.String(), nil
}
