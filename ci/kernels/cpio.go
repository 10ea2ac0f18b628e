package main

import (
	"fmt"
	"io"
)

// archive writes an initramfs: cpio in its "newc" form, which the kernel's
// documentation of early user space buffers describes. Errors stay; see close.
type archive struct {
	w     io.Writer
	inode int
	err   error
}

// Types of files, as in st_mode.
const (
	modeFolder  = 0o040000
	modeRegular = 0o100000
	modeDevice  = 0o020000
)

func (a *archive) folder(name string) { a.entry(name, modeFolder|0o755, nil, 0, 0) }

func (a *archive) file(name string, mode int, content []byte) {
	a.entry(name, modeRegular|mode, content, 0, 0)
}

func (a *archive) device(name string, major, minor int) {
	a.entry(name, modeDevice|0o600, nil, major, minor)
}

// close ends the archive and says what went wrong while it was written.
func (a *archive) close() error {
	a.inode = -1
	a.entry("TRAILER!!!", 0, nil, 0, 0)
	return a.err
}

func (a *archive) entry(name string, mode int, content []byte, major, minor int) {
	a.inode++
	const owner, links, time, check = 0, 1, 0, 0
	header := "070701"
	for _, field := range []int{
		a.inode, mode, owner, owner, links, time, len(content),
		0, 0, major, minor, len(name) + 1, check,
	} {
		header += fmt.Sprintf("%08X", field)
	}
	a.padded([]byte(header + name + "\x00"))
	a.padded(content)
}

// padded writes to the next multiple of four.
func (a *archive) padded(b []byte) {
	if a.err == nil {
		_, a.err = a.w.Write(b)
	}
	if rest := len(b) % 4; a.err == nil && rest != 0 {
		_, a.err = a.w.Write(make([]byte, 4-rest))
	}
}
