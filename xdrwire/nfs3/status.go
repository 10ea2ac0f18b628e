package nfs3

import (
	"strconv"
	"syscall"
)

// Status is the outcome of a procedure: nfsstat3 (RFC 1813 §2.6). A server may
// send values unknown here; they are kept.
type Status uint32

// Values of [Status].
const (
	StatusOK          Status = 0     // NFS3_OK
	StatusPerm        Status = 1     // NFS3ERR_PERM
	StatusNoEnt       Status = 2     // NFS3ERR_NOENT
	StatusIO          Status = 5     // NFS3ERR_IO
	StatusNXIO        Status = 6     // NFS3ERR_NXIO
	StatusAcces       Status = 13    // NFS3ERR_ACCES
	StatusExist       Status = 17    // NFS3ERR_EXIST
	StatusXDev        Status = 18    // NFS3ERR_XDEV
	StatusNoDev       Status = 19    // NFS3ERR_NODEV
	StatusNotDir      Status = 20    // NFS3ERR_NOTDIR
	StatusIsDir       Status = 21    // NFS3ERR_ISDIR
	StatusInval       Status = 22    // NFS3ERR_INVAL
	StatusFBig        Status = 27    // NFS3ERR_FBIG
	StatusNoSpc       Status = 28    // NFS3ERR_NOSPC
	StatusROFS        Status = 30    // NFS3ERR_ROFS
	StatusMLink       Status = 31    // NFS3ERR_MLINK
	StatusNameTooLong Status = 63    // NFS3ERR_NAMETOOLONG
	StatusNotEmpty    Status = 66    // NFS3ERR_NOTEMPTY
	StatusDQuot       Status = 69    // NFS3ERR_DQUOT
	StatusStale       Status = 70    // NFS3ERR_STALE
	StatusRemote      Status = 71    // NFS3ERR_REMOTE
	StatusBadHandle   Status = 10001 // NFS3ERR_BADHANDLE
	StatusNotSync     Status = 10002 // NFS3ERR_NOT_SYNC
	StatusBadCookie   Status = 10003 // NFS3ERR_BAD_COOKIE
	StatusNotSupp     Status = 10004 // NFS3ERR_NOTSUPP
	StatusTooSmall    Status = 10005 // NFS3ERR_TOOSMALL
	StatusServerFault Status = 10006 // NFS3ERR_SERVERFAULT
	StatusBadType     Status = 10007 // NFS3ERR_BADTYPE
	StatusJukebox     Status = 10008 // NFS3ERR_JUKEBOX
)

type statusMeaning struct {
	name  string
	errno syscall.Errno
}

// statusMeanings gives the statuses that no errno stands for the one whose
// remedy is theirs: a new lookup for a handle the server cannot read, other
// arguments for the rest.
var statusMeanings = map[Status]statusMeaning{
	StatusOK:          {"NFS3_OK", 0},
	StatusPerm:        {"NFS3ERR_PERM", syscall.EPERM},
	StatusNoEnt:       {"NFS3ERR_NOENT", syscall.ENOENT},
	StatusIO:          {"NFS3ERR_IO", syscall.EIO},
	StatusNXIO:        {"NFS3ERR_NXIO", syscall.ENXIO},
	StatusAcces:       {"NFS3ERR_ACCES", syscall.EACCES},
	StatusExist:       {"NFS3ERR_EXIST", syscall.EEXIST},
	StatusXDev:        {"NFS3ERR_XDEV", syscall.EXDEV},
	StatusNoDev:       {"NFS3ERR_NODEV", syscall.ENODEV},
	StatusNotDir:      {"NFS3ERR_NOTDIR", syscall.ENOTDIR},
	StatusIsDir:       {"NFS3ERR_ISDIR", syscall.EISDIR},
	StatusInval:       {"NFS3ERR_INVAL", syscall.EINVAL},
	StatusFBig:        {"NFS3ERR_FBIG", syscall.EFBIG},
	StatusNoSpc:       {"NFS3ERR_NOSPC", syscall.ENOSPC},
	StatusROFS:        {"NFS3ERR_ROFS", syscall.EROFS},
	StatusMLink:       {"NFS3ERR_MLINK", syscall.EMLINK},
	StatusNameTooLong: {"NFS3ERR_NAMETOOLONG", syscall.ENAMETOOLONG},
	StatusNotEmpty:    {"NFS3ERR_NOTEMPTY", syscall.ENOTEMPTY},
	StatusDQuot:       {"NFS3ERR_DQUOT", syscall.EDQUOT},
	StatusStale:       {"NFS3ERR_STALE", syscall.ESTALE},
	StatusRemote:      {"NFS3ERR_REMOTE", syscall.EREMOTE},
	StatusBadHandle:   {"NFS3ERR_BADHANDLE", syscall.ESTALE},
	StatusNotSync:     {"NFS3ERR_NOT_SYNC", syscall.EINVAL},
	StatusBadCookie:   {"NFS3ERR_BAD_COOKIE", syscall.EINVAL},
	StatusNotSupp:     {"NFS3ERR_NOTSUPP", syscall.EOPNOTSUPP},
	StatusTooSmall:    {"NFS3ERR_TOOSMALL", syscall.EINVAL},
	StatusServerFault: {"NFS3ERR_SERVERFAULT", serverFault},
	StatusBadType:     {"NFS3ERR_BADTYPE", syscall.EINVAL},
	StatusJukebox:     {"NFS3ERR_JUKEBOX", syscall.EAGAIN},
}

// String returns the name that RFC 1813 gives the status.
func (s Status) String() string {
	if m, ok := statusMeanings[s]; ok {
		return m.name
	}
	return "nfsstat3 " + strconv.FormatUint(uint64(s), 10)
}

// Errno returns the errno closest to the status: zero for [StatusOK], EIO for
// an unknown status.
func (s Status) Errno() syscall.Errno {
	if m, ok := statusMeanings[s]; ok {
		return m.errno
	}
	return syscall.EIO
}
