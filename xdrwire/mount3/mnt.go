package mount3

import (
	"fmt"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// PathArgs names a directory of the server to MNT and UMNT (dirpath).
type PathArgs struct{ Path string }

// AppendMntArgs appends the arguments of MNT.
func AppendMntArgs(b []byte, a *PathArgs) []byte { return xdrwire.AppendString(b, a.Path) }

// ParseMntArgs parses the arguments of MNT. A path has 1024 bytes at most.
func ParseMntArgs(b []byte) (PathArgs, error) { return parsePath(b) }

// AppendUmntArgs appends the arguments of UMNT.
func AppendUmntArgs(b []byte, a *PathArgs) []byte { return xdrwire.AppendString(b, a.Path) }

// ParseUmntArgs parses the arguments of UMNT. A path has 1024 bytes at most.
func ParseUmntArgs(b []byte) (PathArgs, error) { return parsePath(b) }

func parsePath(b []byte) (PathArgs, error) {
	d := xdrwire.NewDecoder(b)
	a := PathArgs{Path: d.String(maxPathBytes)}
	return a, d.Err()
}

// maxFlavors is far above the number of flavours there are.
const maxFlavors = 64

// FlavorsError is a list of flavours longer than any honest server's.
type FlavorsError struct{ Count uint32 }

func (e *FlavorsError) Error() string {
	return fmt.Sprintf("mount3: %d flavours of credentials, at most %d allowed", e.Count, maxFlavors)
}

// MntReply is the answer to MNT (mountres3). A failure has nothing but its
// Status.
type MntReply struct {
	Status  Status
	Root    nfs3.FileHandle
	Flavors []uint32 // of credentials the server takes for the export, best first
}

// AppendMntReply appends the results of MNT.
func AppendMntReply(b []byte, r *MntReply) []byte {
	b = xdrwire.AppendUint32(b, uint32(r.Status))
	if r.Status != StatusOK {
		return b
	}
	b = xdrwire.AppendOpaque(b, r.Root.Bytes())
	b = xdrwire.AppendUint32(b, uint32(len(r.Flavors)))
	for _, f := range r.Flavors {
		b = xdrwire.AppendUint32(b, f)
	}
	return b
}

// ParseMntReply parses the results of MNT. Errors are those of a Decoder and
// [*FlavorsError].
func ParseMntReply(b []byte) (MntReply, error) {
	d := xdrwire.NewDecoder(b)
	r := MntReply{Status: Status(d.Uint32())}
	if r.Status != StatusOK || d.Err() != nil {
		return r, d.Err()
	}
	root := d.Opaque(nfs3.MaxFileHandleBytes)
	n := d.Uint32()
	if n > maxFlavors {
		return r, &FlavorsError{Count: n}
	}
	for ; n > 0 && d.Err() == nil; n-- {
		r.Flavors = append(r.Flavors, d.Uint32())
	}
	if err := d.Err(); err != nil {
		return r, err
	}
	var err error
	r.Root, err = nfs3.NewFileHandle(root)
	return r, err
}
