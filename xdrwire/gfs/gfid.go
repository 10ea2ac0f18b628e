package gfs

import "encoding/hex"

// GFID names a file or directory of a volume on all its bricks: a UUID.
type GFID [16]byte

// RootGFID is the root directory of every volume.
var RootGFID = GFID{15: 1}

// String returns the GFID as UUIDs are written, which is also how GlusterFS
// spells it in file names.
func (g GFID) String() string {
	text, _ := g.MarshalText()
	return string(text)
}

// MarshalText returns the same as String; it never fails.
func (g GFID) MarshalText() ([]byte, error) {
	b := make([]byte, 0, 36)
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		start := [...]int{0, 4, 6, 8, 10}[i]
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, g[start:end])
	}
	return b, nil
}
