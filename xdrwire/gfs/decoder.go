package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// Limits on what a peer may send. GlusterFS has none of its own; these are far
// above what it produces.
const (
	maxNameBytes = 4096    // names, paths, brick paths
	maxSpecBytes = 4 << 20 // a volfile: half a KiB for each of 8000 bricks
	maxDictBytes = 1 << 20 // a dictionary, xattrs and all
)

// decoder adds to the XDR reader the version of the layout and the errors of
// this package. The first failure of either kind counts.
type decoder struct {
	xdrwire.Decoder
	v330 bool
	err  error
}

func newDecoder(b []byte) decoder { return decoder{Decoder: xdrwire.NewDecoder(b)} }

func newFOPDecoder(vers uint32, b []byte) decoder {
	return decoder{Decoder: xdrwire.NewDecoder(b), v330: is330(vers)}
}

// Err shadows the reader's.
func (d *decoder) Err() error {
	if d.err != nil {
		return d.err
	}
	return d.Decoder.Err()
}

func (d *decoder) fail(err error) {
	if d.Err() == nil {
		d.err = err
	}
}

func (d *decoder) gfid() (g GFID) {
	copy(g[:], d.Fixed(len(g)))
	return g
}
