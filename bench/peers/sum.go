package peers

import "fmt"

// Sum tells sets of blocks apart, whatever the order they came in: each counts by
// its bytes and its place.
type Sum uint64

// Add counts the block that is at a multiple of its length.
func (s *Sum) Add(block []byte, off int64) {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset) // FNV-1a
	for _, b := range block {
		h = (h ^ uint64(b)) * prime
	}
	*s += Sum(h * (2*uint64(off)/uint64(len(block)) + 1))
}

func (s Sum) String() string { return fmt.Sprintf("%016x", uint64(s)) }
