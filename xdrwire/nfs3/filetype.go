package nfs3

import "syscall"

// FileType says what a file is: ftype3. A server may send values unknown here.
type FileType uint32

// Values of [FileType].
const (
	TypeRegular   FileType = 1 // NF3REG
	TypeDirectory FileType = 2 // NF3DIR
	TypeBlock     FileType = 3 // NF3BLK
	TypeCharacter FileType = 4 // NF3CHR
	TypeSymlink   FileType = 5 // NF3LNK
	TypeSocket    FileType = 6 // NF3SOCK
	TypeFIFO      FileType = 7 // NF3FIFO
)

var typeBits = [...]uint32{
	TypeRegular:   syscall.S_IFREG,
	TypeDirectory: syscall.S_IFDIR,
	TypeBlock:     syscall.S_IFBLK,
	TypeCharacter: syscall.S_IFCHR,
	TypeSymlink:   syscall.S_IFLNK,
	TypeSocket:    syscall.S_IFSOCK,
	TypeFIFO:      syscall.S_IFIFO,
}

// UnixMode returns type and permissions as st_mode has them. Servers disagree
// on whether Mode holds type bits too, so those come from Type alone; an unknown
// type has none.
func (a *Fattr) UnixMode() uint32 {
	mode := a.Mode & 0o7777
	if int64(a.Type) < int64(len(typeBits)) {
		mode |= typeBits[a.Type]
	}
	return mode
}
