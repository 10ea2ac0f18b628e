package nfs3

import (
	"time"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// FattrBytes is the size of a file's attributes on the wire.
const FattrBytes = 84

// Timestamp is a point in time as a server states it: nfstime3.
type Timestamp struct {
	Sec  uint32 // since 1970
	Nsec uint32
}

// Time returns the timestamp as a [time.Time] in the local zone.
func (t Timestamp) Time() time.Time { return time.Unix(int64(t.Sec), int64(t.Nsec)) }

// Device numbers a device: specdata3.
type Device struct{ Major, Minor uint32 }

// Fattr holds the attributes of a file: fattr3.
type Fattr struct {
	Type                FileType
	Mode                uint32 // permissions; see UnixMode
	Nlink, UID, GID     uint32
	Size                uint64 // bytes
	Used                uint64 // bytes of storage
	Rdev                Device // of block and character devices
	FSID                uint64 // names the file system
	FileID              uint64 // names the file in it; the inode number
	Atime, Mtime, Ctime Timestamp
}

// appendFattr takes a pointer only to save the copy.
func appendFattr(b []byte, a *Fattr) []byte {
	for _, v := range [...]uint32{uint32(a.Type), a.Mode, a.Nlink, a.UID, a.GID} {
		b = xdrwire.AppendUint32(b, v)
	}
	b = xdrwire.AppendUint64(b, a.Size)
	b = xdrwire.AppendUint64(b, a.Used)
	b = xdrwire.AppendUint32(b, a.Rdev.Major)
	b = xdrwire.AppendUint32(b, a.Rdev.Minor)
	b = xdrwire.AppendUint64(b, a.FSID)
	b = xdrwire.AppendUint64(b, a.FileID)
	b = appendTimestamp(b, a.Atime)
	b = appendTimestamp(b, a.Mtime)
	return appendTimestamp(b, a.Ctime)
}

func appendTimestamp(b []byte, t Timestamp) []byte {
	return xdrwire.AppendUint32(xdrwire.AppendUint32(b, t.Sec), t.Nsec)
}

// Composite literals are evaluated in the order they are written, which is the
// order on the wire.
func (d *decoder) fattr() Fattr {
	return Fattr{
		Type: FileType(d.Uint32()), Mode: d.Uint32(), Nlink: d.Uint32(), UID: d.Uint32(), GID: d.Uint32(),
		Size: d.Uint64(), Used: d.Uint64(),
		Rdev: Device{Major: d.Uint32(), Minor: d.Uint32()},
		FSID: d.Uint64(), FileID: d.Uint64(),
		Atime: d.timestamp(), Mtime: d.timestamp(), Ctime: d.timestamp(),
	}
}

func (d *decoder) timestamp() Timestamp { return Timestamp{Sec: d.Uint32(), Nsec: d.Uint32()} }

// OptionalFattr is attributes that a server may leave out: post_op_attr.
type OptionalFattr struct {
	Present bool
	Attr    Fattr
}

func appendOptionalFattr(b []byte, o *OptionalFattr) []byte {
	b = xdrwire.AppendBool(b, o.Present)
	if o.Present {
		b = appendFattr(b, &o.Attr)
	}
	return b
}

func (d *decoder) optionalFattr() (o OptionalFattr) {
	if o.Present = d.Bool(); o.Present {
		o.Attr = d.fattr()
	}
	return o
}
