package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
)

// guestLimit bounds a guest; each of its jobs has a limit of its own.
const guestLimit = 10 * time.Minute

// boot runs a guest to its end and gives what it wrote. The error says that it did
// not come to the end of its jobs.
func boot(ctx context.Context, image, initrd, folder, accel string) (said, console []byte, took time.Duration, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, nil, 0, err
	}
	consoleFile, outputFile := filepath.Join(folder, "console"), filepath.Join(folder, "output")
	within, stop := context.WithTimeout(ctx, guestLimit)
	defer stop()
	cmd := exec.CommandContext(within, "qemu-system-x86_64",
		"-accel", accel, "-smp", "2", "-m", "2G",
		"-nodefaults", "-display", "none", "-no-reboot", "-monitor", "none",
		"-serial", "file:"+consoleFile, "-serial", "file:"+outputFile,
		"-device", fmt.Sprintf("isa-debug-exit,iobase=%#x,iosize=4", talk.DebugPort),
		"-kernel", image, "-initrd", initrd,
		"-append", "console=ttyS0 panic=-1 quiet mitigations=off")
	began := time.Now()
	_, err = output(cmd)
	took = time.Since(began)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case within.Err() != nil:
		err = fmt.Errorf("not done within %v", guestLimit)
	case err == nil:
		err = errors.New("it came to no end: the kernel panicked, or /init did")
	case errors.As(err, &exit) && exit.ExitCode() == talk.StatusDone:
		err = nil
	}
	said, errSaid := os.ReadFile(outputFile)
	console, errConsole := os.ReadFile(consoleFile)
	return said, console, took, errors.Join(err, errSaid, errConsole)
}
