package gfs

import (
	"errors"
	"io/fs"
	"runtime"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// Linux itself says whether the numbers are Linux's.
func TestErrnosAreLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		skip.For(t, skip.Machine, "errnos here are "+runtime.GOOS+"'s")
	}
	for wire, host := range errnos {
		if host != syscall.Errno(wire) {
			t.Errorf("%d on the wire is %v, errno %d", wire, host, host)
		}
	}
}

// What errors.Is finds does not depend on the system that asks.
func TestErrnoOnOtherSystems(t *testing.T) {
	for _, tc := range []struct {
		wire  int32
		linux bool
		want  error
	}{
		{2, false, fs.ErrNotExist},
		{13, false, fs.ErrPermission},
		{1, false, fs.ErrPermission},
		{17, false, fs.ErrExist},
		{39, false, fs.ErrExist}, // ENOTEMPTY
		{38, false, errors.ErrUnsupported},
		{95, false, errors.ErrUnsupported},
		{11, false, syscall.EAGAIN},
		{36, false, syscall.ENAMETOOLONG},
		{40, false, syscall.ELOOP},
		{107, false, syscall.ENOTCONN},
		{116, false, syscall.ESTALE},
		{121, false, syscall.EIO}, // EREMOTEIO, which others do not have
		{121, true, syscall.Errno(121)},
		{-1, false, syscall.EIO},
		{1 << 20, true, syscall.Errno(1 << 20)},
	} {
		if got := hostErrno(tc.wire, tc.linux); !errors.Is(got, tc.want) {
			t.Errorf("%d, on Linux %v: %v instead of %v", tc.wire, tc.linux, got, tc.want)
		}
	}
}
