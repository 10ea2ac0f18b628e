package nfs3

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"
)

func TestStatus(t *testing.T) {
	if err := StatusOK.Err(); err != nil {
		t.Errorf("NFS3_OK: %v", err)
	}
	tests := []struct {
		wire  uint32
		name  string
		errno syscall.Errno
		kind  error
		retry bool
	}{
		{1, "NFS3ERR_PERM", syscall.EPERM, fs.ErrPermission, false},
		{2, "NFS3ERR_NOENT", syscall.ENOENT, fs.ErrNotExist, false},
		{5, "NFS3ERR_IO", syscall.EIO, nil, false},
		{6, "NFS3ERR_NXIO", syscall.ENXIO, nil, false},
		{13, "NFS3ERR_ACCES", syscall.EACCES, fs.ErrPermission, false},
		{17, "NFS3ERR_EXIST", syscall.EEXIST, fs.ErrExist, false},
		{18, "NFS3ERR_XDEV", syscall.EXDEV, nil, false},
		{19, "NFS3ERR_NODEV", syscall.ENODEV, nil, false},
		{20, "NFS3ERR_NOTDIR", syscall.ENOTDIR, nil, false},
		{21, "NFS3ERR_ISDIR", syscall.EISDIR, nil, false},
		{22, "NFS3ERR_INVAL", syscall.EINVAL, nil, false},
		{27, "NFS3ERR_FBIG", syscall.EFBIG, nil, false},
		{28, "NFS3ERR_NOSPC", syscall.ENOSPC, nil, false},
		{30, "NFS3ERR_ROFS", syscall.EROFS, nil, false},
		{31, "NFS3ERR_MLINK", syscall.EMLINK, nil, false},
		{63, "NFS3ERR_NAMETOOLONG", syscall.ENAMETOOLONG, nil, false},
		{66, "NFS3ERR_NOTEMPTY", syscall.ENOTEMPTY, fs.ErrExist, false},
		{69, "NFS3ERR_DQUOT", syscall.EDQUOT, nil, false},
		{70, "NFS3ERR_STALE", syscall.ESTALE, nil, false},
		{71, "NFS3ERR_REMOTE", syscall.EREMOTE, nil, false},
		{10001, "NFS3ERR_BADHANDLE", syscall.ESTALE, nil, false},
		{10002, "NFS3ERR_NOT_SYNC", syscall.EINVAL, nil, false},
		{10003, "NFS3ERR_BAD_COOKIE", syscall.EINVAL, nil, false},
		{10004, "NFS3ERR_NOTSUPP", syscall.EOPNOTSUPP, errors.ErrUnsupported, false},
		{10005, "NFS3ERR_TOOSMALL", syscall.EINVAL, nil, false},
		{10006, "NFS3ERR_SERVERFAULT", serverFault, nil, false},
		{10007, "NFS3ERR_BADTYPE", syscall.EINVAL, nil, false},
		{10008, "NFS3ERR_JUKEBOX", syscall.EAGAIN, nil, true},
		{3, "nfsstat3 3", syscall.EIO, nil, false},
		{0xffffffff, "nfsstat3 4294967295", syscall.EIO, nil, false},
	}
	for _, tt := range tests {
		err := Status(tt.wire).Err()
		var status *StatusError
		if !errors.As(err, &status) || status.Status != Status(tt.wire) {
			t.Errorf("%d: %v", tt.wire, err)
			continue
		}
		if got := status.Status.String(); got != tt.name {
			t.Errorf("%d is %s, want %s", tt.wire, got, tt.name)
		}
		if !errors.Is(err, tt.errno) || status.Retryable() != tt.retry {
			t.Errorf("%s: %v, retryable %v", tt.name, errors.Unwrap(err), status.Retryable())
		}
		for _, kind := range []error{fs.ErrPermission, fs.ErrNotExist, fs.ErrExist, errors.ErrUnsupported} {
			if errors.Is(err, kind) != (kind == tt.kind) {
				t.Errorf("%s and %v: %v", tt.name, kind, errors.Is(err, kind))
			}
		}
	}
	if got, want := StatusStale.Err().Error(), "nfs: stale file handle (NFS3ERR_STALE)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
