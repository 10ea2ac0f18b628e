package mount3

import (
	"fmt"
	"strconv"
	"syscall"
)

// Status is the outcome of MNT: mountstat3 (RFC 1813 §5.1.6). A server may send
// values unknown here; they are kept.
type Status uint32

// Values of [Status].
const (
	StatusOK          Status = 0     // MNT3_OK
	StatusPerm        Status = 1     // MNT3ERR_PERM
	StatusNoEnt       Status = 2     // MNT3ERR_NOENT
	StatusIO          Status = 5     // MNT3ERR_IO
	StatusAcces       Status = 13    // MNT3ERR_ACCES
	StatusNotDir      Status = 20    // MNT3ERR_NOTDIR
	StatusInval       Status = 22    // MNT3ERR_INVAL
	StatusNameTooLong Status = 63    // MNT3ERR_NAMETOOLONG
	StatusNotSupp     Status = 10004 // MNT3ERR_NOTSUPP
	StatusServerFault Status = 10006 // MNT3ERR_SERVERFAULT
)

type statusMeaning struct {
	name  string
	errno syscall.Errno
}

var statusMeanings = map[Status]statusMeaning{
	StatusOK:          {"MNT3_OK", 0},
	StatusPerm:        {"MNT3ERR_PERM", syscall.EPERM},
	StatusNoEnt:       {"MNT3ERR_NOENT", syscall.ENOENT},
	StatusIO:          {"MNT3ERR_IO", syscall.EIO},
	StatusAcces:       {"MNT3ERR_ACCES", syscall.EACCES},
	StatusNotDir:      {"MNT3ERR_NOTDIR", syscall.ENOTDIR},
	StatusInval:       {"MNT3ERR_INVAL", syscall.EINVAL},
	StatusNameTooLong: {"MNT3ERR_NAMETOOLONG", syscall.ENAMETOOLONG},
	StatusNotSupp:     {"MNT3ERR_NOTSUPP", syscall.EOPNOTSUPP},
	StatusServerFault: {"MNT3ERR_SERVERFAULT", serverFault},
}

// String returns the name that RFC 1813 gives the status.
func (s Status) String() string {
	if m, ok := statusMeanings[s]; ok {
		return m.name
	}
	return "mountstat3 " + strconv.FormatUint(uint64(s), 10)
}

// Errno returns the errno closest to the status: zero for [StatusOK], EIO for
// an unknown status.
func (s Status) Errno() syscall.Errno {
	if m, ok := statusMeanings[s]; ok {
		return m.errno
	}
	return syscall.EIO
}

// Err returns nil for [StatusOK], else a [*StatusError].
func (s Status) Err() error {
	if s == StatusOK {
		return nil
	}
	return &StatusError{Status: s}
}

// StatusError is a MNT that the server refused.
type StatusError struct{ Status Status }

func (e *StatusError) Error() string {
	return fmt.Sprintf("mount: %s (%s)", e.Status.Errno(), e.Status)
}

// Unwrap gives the errno of [Status.Errno], in which errors.Is finds the kinds
// of [io/fs] and [errors.ErrUnsupported].
func (e *StatusError) Unwrap() error { return e.Status.Errno() }

// Retryable reports whether the same request may succeed when sent again. The
// MOUNT protocol has no status that says so.
func (e *StatusError) Retryable() bool { return false }
