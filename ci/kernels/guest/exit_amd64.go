package main

import (
	"runtime"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// outb writes to an I/O port. The calling thread must have the right to.
func outb(port uint16, value byte)

// exit ends qemu; the kernels have no /dev/port. It returns only if it could not.
func exit(code byte) error {
	runtime.LockOSThread()
	const all = 3
	if err := unix.Iopl(all); err != nil {
		return err
	}
	outb(talk.DebugPort, code)
	return nil
}
