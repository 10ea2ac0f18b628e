package nfs3

import (
	"encoding/hex"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// MaxFileHandleBytes is NFS3_FHSIZE (RFC 1813 §2.4).
const MaxFileHandleBytes = 64

// FileHandle names a file or directory to the server that gave it out: nfs_fh3.
// It is a value: comparable, and it aliases nothing. The zero FileHandle is the
// handle of no bytes.
type FileHandle struct {
	n    uint8
	data [MaxFileHandleBytes]byte // zero from n on, so that == compares handles
}

// NewFileHandle copies a handle. Above [MaxFileHandleBytes] the error is a
// [*xdrwire.LengthError].
func NewFileHandle(p []byte) (h FileHandle, err error) {
	if len(p) > MaxFileHandleBytes {
		return h, &xdrwire.LengthError{Length: uint32(len(p)), Max: MaxFileHandleBytes}
	}
	h.n = uint8(copy(h.data[:], p))
	return h, nil
}

// Bytes returns what the server chose. The slice aliases h and is not to be
// written to.
func (h *FileHandle) Bytes() []byte { return h.data[:h.n:h.n] }

// String returns the handle in hexadecimal.
func (h FileHandle) String() string { return hex.EncodeToString(h.Bytes()) }

// MarshalText returns the same as String; it never fails.
func (h FileHandle) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h.Bytes()), nil }

// appendHandle takes a pointer only to save the copy.
func appendHandle(b []byte, h *FileHandle) []byte { return xdrwire.AppendOpaque(b, h.Bytes()) }

func (d *decoder) handle() (h FileHandle) {
	h.n = uint8(copy(h.data[:], d.Opaque(MaxFileHandleBytes)))
	return h
}

// OptionalHandle is a handle that a server may leave out: post_op_fh3.
type OptionalHandle struct {
	Present bool
	Handle  FileHandle
}

func appendOptionalHandle(b []byte, o *OptionalHandle) []byte {
	b = xdrwire.AppendBool(b, o.Present)
	if o.Present {
		b = appendHandle(b, &o.Handle)
	}
	return b
}

func (d *decoder) optionalHandle() (o OptionalHandle) {
	if o.Present = d.Bool(); o.Present {
		o.Handle = d.handle()
	}
	return o
}
