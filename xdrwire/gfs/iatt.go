package gfs

import (
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Sizes of a file's attributes on the wire.
const (
	iattBytesV400 = 148 // gfx_iattx
	iattBytesV330 = 100 // gf_iatt
)

// Timestamp is a point in time as a server states it.
type Timestamp struct {
	Sec  int64 // since 1970; version 330 carries the low 32 bits, unsigned
	Nsec uint32
}

// Time returns the timestamp as a [time.Time] in the local zone.
func (t Timestamp) Time() time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }

// Iatt holds the attributes of a file: gfx_iattx in version 400, gf_iatt in
// version 330.
type Iatt struct {
	GFID                GFID
	Ino, Dev, Rdev      uint64
	Size                uint64 // bytes
	Blocks              uint64 // of 512 bytes
	Mode                uint32 // type and permissions, as st_mode
	Nlink, UID, GID     uint32
	BlockSize           uint32 // preferred for I/O, bytes
	Atime, Mtime, Ctime Timestamp

	// What version 330 does not carry.
	Flags                      uint64 // which of the fields are set
	Attributes, AttributesMask uint64
	Btime                      Timestamp
}

// appendIatt takes a pointer only to save the copy.
func appendIatt(v330 bool, b []byte, a *Iatt) []byte {
	b = append(b, a.GFID[:]...)
	if v330 {
		return appendIatt330(b, a)
	}
	for _, v := range [...]uint64{
		a.Flags, a.Ino, a.Dev, a.Rdev, a.Size, a.Blocks, a.Attributes, a.AttributesMask,
		uint64(a.Atime.Sec), uint64(a.Mtime.Sec), uint64(a.Ctime.Sec), uint64(a.Btime.Sec),
	} {
		b = xdrwire.AppendUint64(b, v)
	}
	for _, v := range [...]uint32{
		a.Atime.Nsec, a.Mtime.Nsec, a.Ctime.Nsec, a.Btime.Nsec,
		a.Nlink, a.UID, a.GID, a.BlockSize, a.Mode,
	} {
		b = xdrwire.AppendUint32(b, v)
	}
	return b
}

func appendIatt330(b []byte, a *Iatt) []byte {
	b = xdrwire.AppendUint64(b, a.Ino)
	b = xdrwire.AppendUint64(b, a.Dev)
	b = xdrwire.AppendUint32(b, a.Mode)
	b = xdrwire.AppendUint32(b, a.Nlink)
	b = xdrwire.AppendUint32(b, a.UID)
	b = xdrwire.AppendUint32(b, a.GID)
	b = xdrwire.AppendUint64(b, a.Rdev)
	b = xdrwire.AppendUint64(b, a.Size)
	b = xdrwire.AppendUint32(b, a.BlockSize)
	b = xdrwire.AppendUint64(b, a.Blocks)
	for _, t := range [...]Timestamp{a.Atime, a.Mtime, a.Ctime} {
		b = xdrwire.AppendUint32(xdrwire.AppendUint32(b, uint32(t.Sec)), t.Nsec)
	}
	return b
}

func (d *decoder) iatt() (a Iatt) {
	a.GFID = d.gfid()
	if d.v330 {
		d.iatt330(&a)
		return a
	}
	a.Flags, a.Ino, a.Dev, a.Rdev = d.Uint64(), d.Uint64(), d.Uint64(), d.Uint64()
	a.Size, a.Blocks = d.Uint64(), d.Uint64()
	a.Attributes, a.AttributesMask = d.Uint64(), d.Uint64()
	a.Atime.Sec, a.Mtime.Sec, a.Ctime.Sec, a.Btime.Sec = d.Int64(), d.Int64(), d.Int64(), d.Int64()
	a.Atime.Nsec, a.Mtime.Nsec, a.Ctime.Nsec, a.Btime.Nsec = d.Uint32(), d.Uint32(), d.Uint32(), d.Uint32()
	a.Nlink, a.UID, a.GID = d.Uint32(), d.Uint32(), d.Uint32()
	a.BlockSize, a.Mode = d.Uint32(), d.Uint32()
	return a
}

func (d *decoder) iatt330(a *Iatt) {
	a.Ino, a.Dev = d.Uint64(), d.Uint64()
	a.Mode, a.Nlink, a.UID, a.GID = d.Uint32(), d.Uint32(), d.Uint32(), d.Uint32()
	a.Rdev, a.Size = d.Uint64(), d.Uint64()
	a.BlockSize, a.Blocks = d.Uint32(), d.Uint64()
	for _, t := range [...]*Timestamp{&a.Atime, &a.Mtime, &a.Ctime} {
		t.Sec, t.Nsec = int64(d.Uint32()), d.Uint32()
	}
}
