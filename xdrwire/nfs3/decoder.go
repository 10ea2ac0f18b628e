package nfs3

import "github.com/ringreadv/ringreadv/xdrwire"

// Limits on what a peer may send where RFC 1813 has none.
const (
	maxNameBytes = 4096 // filename3; file systems stop at 255
	maxPathBytes = 4096 // nfspath3; PATH_MAX
)

// decoder adds the types of this package to the XDR reader.
type decoder struct{ xdrwire.Decoder }

func newDecoder(b []byte) decoder { return decoder{xdrwire.NewDecoder(b)} }

func (d *decoder) status() Status { return Status(d.Uint32()) }
