package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// asCommand has this test program be the command, for tests and for the server
// that the command starts.
const asCommand = "URINGBENCH_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Setenv(asCommand, "1")
	// With the race detector each command would sleep for a second at its end.
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	os.Exit(m.Run())
}

// command is uringbench in a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, "/proc/self/exe", args...)
}

// uringbench runs the command to its end.
func uringbench(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := command(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(errs.String(), "io_uring is forbidden here") {
		skip.Forbidden(t, errors.New(errs.String()))
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// succeed runs the command, which must go well, and returns its stdout.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := uringbench(t, args...)
	if code != 0 {
		t.Fatalf("uringbench %s: exit status %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

func TestWrongCommandLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"foo"}, 2, "neither a command nor a URL"},
		{[]string{"--bs", "x"}, 2, `"x" is no size`},
		{[]string{"run", "--depth", "0"}, 2, "depth 0"},
		{[]string{"--rate", "0.1"}, 2, `"0.1" for "--rate" flag: want whole reads per second, 1 at least`},
		{[]string{"--files", "x"}, 2, `invalid argument "x" for "--files" flag: want a whole number`},
		{[]string{"chaos", "--seed", "-1"}, 2, `"--seed" flag: want a whole number, 0 or more`},
		{[]string{"compare", "--check=no"}, 2, `"--check" flag: want true or false`},
		{[]string{"diff", "--worse", "much", "a", "b"}, 2, `"--worse" flag: want a number`},
		{[]string{"--rate", "0"}, 2, "want whole reads per second, 1 at least"},
		{[]string{"run", "--rate", "-5"}, 2, "want whole reads per second, 1 at least"},
		{[]string{"--nonsense"}, 2, "unknown flag"},
		{[]string{"--engine", "magic"}, 2, `no engine is called "magic"`},
		{[]string{"help", "nonsense"}, 2, `no command "nonsense"`},
		{[]string{"cat"}, 2, "want the URL of one file"},
		{[]string{"cat", "gluster://host/volume"}, 2, "uringbench ls gluster://host/volume"},
		{[]string{"ls", "http://host/volume"}, 2, `scheme "http"`},
		{[]string{"chaos", "--time", "0s"}, 2, "want some time"},
		{[]string{"chaos", "--protocol", "smb"}, 2, `no protocol is called "smb"`},
		{[]string{"chaos", "--size", "1g"}, 2, "held in memory"},
		{[]string{"chaos", "--protocol", "nfs3", "nfs://host/file"}, 2, "the URL says it itself"},
		{[]string{"chaos", "http://host/file"}, 2, `scheme "http"`},
		{[]string{"chaos", "nfs://host/a", "nfs://host/b"}, 2, "want one at most"},
		{[]string{"chaos", "gluster://127.0.0.1:1/volume/file"}, 1, "nothing listens"},
		{[]string{"serve"}, 2, "--dir"},
		{[]string{"serve", "--dir", "/", "--protocol", "smb"}, 2, `no protocol is called "smb"`},
		{[]string{"serve", "--dir", "/", "--fragment", "x"}, 2, `--fragment: "x" is no size`},
		{[]string{"serve", "--dir", "/", "--fragment", "3g"}, 2, "more than the 2147483647 bytes"},
		{[]string{"serve", "--dir", "/", "--listen", "2049"}, 2, "want host:port"},
		{[]string{"--protocol", "nfs3", "--engine", "netconn"}, 2, "reads by protocol gluster only"},
		{[]string{"run", "--protocol", "nfs3", "nfs://host/file"}, 2, "the URL says it itself"},
		{[]string{"cat", "nfs://127.0.0.1/x/file?nfsport=1&mountport=1"}, 1, "mountport=…"},
		{[]string{"serve", "--dir", "/nonexistent"}, 1, "/nonexistent"},
		{[]string{"--json", "/nonexistent/file"}, 1, "/nonexistent/file"},
		{[]string{"run", "gluster://127.0.0.1:1/volume/file"}, 1, "nothing listens"},
		{[]string{"cat", "gluster://127.0.0.1:1/volume/file"}, 1, "gluster://127.0.0.1:1/volume/file"},
	} {
		stdout, stderr, code := uringbench(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("uringbench %s: exit status %d, want %d and %q\nstdout: %s\nstderr: %s",
				strings.Join(c.args, " "), code, c.code, c.says, stdout, stderr)
		}
	}
}
