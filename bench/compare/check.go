package compare

import (
	"fmt"

	"github.com/ringreadv/ringreadv/bench/peers"
)

// checked is what contenders have to read right before they are measured: the start
// of the file, and its last blocks followed by its first.
type checked struct {
	off    int64
	blocks int
	sum    peers.Sum
}

// Of each check at least so many bytes are read, and so many times the depth.
const (
	checkBytes  = 4 << 20
	checkDepths = 2
)

// checks reads the reference.
func (s *served) checks(block, depth int) ([]checked, error) {
	inFile := s.SizeBytes / int64(block)
	blocks := max(checkBytes/block, checkDepths*depth)
	list := []checked{{0, blocks, 0}, {max(0, inFile-int64(blocks)/2) * int64(block), blocks, 0}}
	b := make([]byte, block)
	for i := range list {
		c := &list[i]
		for k := range int64(blocks) {
			off := (c.off/int64(block) + k) % inFile * int64(block)
			if err := s.read(b, off); err != nil {
				return nil, err
			}
			c.sum.Add(b, off)
		}
	}
	return list, nil
}

// WrongBytesError is a contender that read what is not in the file. It is not measured.
type WrongBytesError struct {
	Off   int64
	Bytes int // among so many from Off on
}

func (e *WrongBytesError) Error() string {
	return fmt.Sprintf("WRONG BYTES among the %d from %d on", e.Bytes, e.Off)
}
