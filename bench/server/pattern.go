package server

import "encoding/binary"

// Pattern fills p with what a synthetic file of this seed holds from byte
// offset off on, which must not be negative. Every word of eight bytes is a
// hash of its index and the seed, so that bytes from a wrong place or of a
// wrong file do not go unnoticed; any piece is made without the rest. It
// allocates nothing.
func Pattern(seed uint64, off int64, p []byte) {
	index := uint64(off) / 8
	if skip := int(off % 8); skip != 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], patternWord(seed, index))
		p = p[copy(p, word[skip:]):]
		index++
	}
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, patternWord(seed, index))
		p = p[8:]
		index++
	}
	if len(p) > 0 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], patternWord(seed, index))
		copy(p, word[:])
	}
}

// patternWord spreads index over all bits with the multipliers and shifts of
// the SplitMix64 generator (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, 2014).
func patternWord(seed, index uint64) uint64 {
	x := (index+1)*0x9e3779b97f4a7c15 + seed
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
