package gfs

import (
	"runtime"
	"syscall"
)

// errnos names the errors that servers send: on the wire is Linux's number (what
// asm-generic/errno-base.h and errno.h give them, as libglusterfs has it in
// compat-errno.h), which on other systems often is another error's. Here are those
// that every Unix has.
var errnos = map[int32]syscall.Errno{
	1: syscall.EPERM, 2: syscall.ENOENT, 3: syscall.ESRCH, 4: syscall.EINTR, 5: syscall.EIO,
	6: syscall.ENXIO, 7: syscall.E2BIG, 8: syscall.ENOEXEC, 9: syscall.EBADF, 10: syscall.ECHILD,
	11: syscall.EAGAIN, 12: syscall.ENOMEM, 13: syscall.EACCES, 14: syscall.EFAULT, 15: syscall.ENOTBLK,
	16: syscall.EBUSY, 17: syscall.EEXIST, 18: syscall.EXDEV, 19: syscall.ENODEV, 20: syscall.ENOTDIR,
	21: syscall.EISDIR, 22: syscall.EINVAL, 23: syscall.ENFILE, 24: syscall.EMFILE, 25: syscall.ENOTTY,
	26: syscall.ETXTBSY, 27: syscall.EFBIG, 28: syscall.ENOSPC, 29: syscall.ESPIPE, 30: syscall.EROFS,
	31: syscall.EMLINK, 32: syscall.EPIPE, 33: syscall.EDOM, 34: syscall.ERANGE, 35: syscall.EDEADLK,
	36: syscall.ENAMETOOLONG, 37: syscall.ENOLCK, 38: syscall.ENOSYS, 39: syscall.ENOTEMPTY, 40: syscall.ELOOP,
	66: syscall.EREMOTE, 75: syscall.EOVERFLOW, 84: syscall.EILSEQ, 87: syscall.EUSERS, 88: syscall.ENOTSOCK,
	89: syscall.EDESTADDRREQ, 90: syscall.EMSGSIZE, 91: syscall.EPROTOTYPE, 92: syscall.ENOPROTOOPT,
	93: syscall.EPROTONOSUPPORT, 94: syscall.ESOCKTNOSUPPORT, 95: syscall.EOPNOTSUPP, 96: syscall.EPFNOSUPPORT,
	97: syscall.EAFNOSUPPORT, 98: syscall.EADDRINUSE, 99: syscall.EADDRNOTAVAIL, 100: syscall.ENETDOWN,
	101: syscall.ENETUNREACH, 102: syscall.ENETRESET, 103: syscall.ECONNABORTED, 104: syscall.ECONNRESET,
	105: syscall.ENOBUFS, 106: syscall.EISCONN, 107: syscall.ENOTCONN, 108: syscall.ESHUTDOWN,
	109: syscall.ETOOMANYREFS, 110: syscall.ETIMEDOUT, 111: syscall.ECONNREFUSED, 112: syscall.EHOSTDOWN,
	113: syscall.EHOSTUNREACH, 114: syscall.EALREADY, 115: syscall.EINPROGRESS, 116: syscall.ESTALE,
	122: syscall.EDQUOT, 125: syscall.ECANCELED,
}

// hostErrno gives this system's number of an errno on the wire. What is none of
// the above can be told on Linux only; elsewhere it is EIO.
func hostErrno(wire int32, linux bool) syscall.Errno {
	if e, ok := errnos[wire]; ok {
		return e
	}
	if linux {
		return syscall.Errno(wire)
	}
	return syscall.EIO
}

const onLinux = runtime.GOOS == "linux"
