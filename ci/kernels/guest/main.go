// Command guest is the /init of the guests of ci/kernels: it runs the jobs that it
// finds in the initramfs, says how they went, and ends qemu. It is linked
// statically, for there is nothing else in the guest.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// No result is a failure: whatever goes wrong here, process 1 returns, the kernel
// panics, and qemu ends with another status.
func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "init:", err) // the console
		os.Exit(1)
	}
}

func run() error {
	if err := prepare(); err != nil {
		return err
	}
	out, err := openOutput()
	if err != nil {
		return err
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	if err := out.say(talk.Line{Kernel: unix.ByteSliceToString(name.Release[:])}); err != nil {
		return err
	}
	text, err := os.ReadFile(talk.JobsFile)
	if err != nil {
		return err
	}
	var jobs []talk.Job
	if err := json.Unmarshal(text, &jobs); err != nil {
		return err
	}
	for _, j := range jobs {
		if err := runJob(out, j); err != nil {
			return err
		}
	}
	if err := out.drain(); err != nil {
		return err
	}
	return exit(talk.CodeDone)
}
