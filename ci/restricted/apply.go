//go:build linux

package main

import (
	"encoding/json"
	"os"

	iouring "github.com/iceber/iouring-go/syscall"
	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
	"github.com/ringreadv/ringreadv/ci/seccomp"
	"golang.org/x/sys/unix"
)

// become applies the restriction in the environment to this process, which then
// becomes the program, or, without one, tells whether it may set up a ring.
func become(program []string) error {
	var r restriction.Restriction
	if err := json.Unmarshal([]byte(os.Getenv(restriction.Env)), &r); err != nil {
		return err
	}
	if r.UID != 0 {
		limit := unix.Rlimit{Cur: r.MemlockBytes, Max: r.MemlockBytes}
		if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
		if err := beUser(r.UID); err != nil {
			return err
		}
	}
	if r.Refuse != 0 {
		if err := seccomp.Install(r.Refuse, seccomp.Setup, seccomp.Enter, seccomp.Register); err != nil {
			return err
		}
	}
	if len(program) == 0 {
		_, err := iouring.IOURingSetup(8, new(iouring.IOURingParams))
		return os.NewSyscallError("io_uring_setup", err)
	}
	return os.NewSyscallError("execve", unix.Exec(program[0], program, os.Environ()))
}

func beUser(uid int) error {
	if err := unix.Setgroups(nil); err != nil {
		return os.NewSyscallError("setgroups", err)
	}
	if err := unix.Setgid(uid); err != nil {
		return os.NewSyscallError("setgid", err)
	}
	return os.NewSyscallError("setuid", unix.Setuid(uid))
}
