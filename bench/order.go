package bench

import (
	"math/bits"
	"math/rand/v2"
)

// permutation is a random order of 0 … n-1 that takes no memory: a Feistel network
// over the next power of four, walked until it comes back to a number below n.
type permutation struct {
	n    uint64
	half uint // bits
	keys [4]uint64
}

func newPermutation(n uint64, seed *rand.Rand) permutation {
	p := permutation{n: n, half: uint(bits.Len64(max(n, 2)-1)+1) / 2}
	for i := range p.keys {
		p.keys[i] = seed.Uint64()
	}
	return p
}

// at is the i-th number, i below n.
func (p *permutation) at(i uint64) uint64 {
	for {
		mask := uint64(1)<<p.half - 1
		left, right := i>>p.half, i&mask
		for _, k := range p.keys {
			left, right = right, left^(mix(right^k)&mask)
		}
		if i = left<<p.half | right; i < p.n {
			return i
		}
	}
}

// mix is the last part of SplitMix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// marks is a set of small numbers.
type marks []uint64

func newMarks(n uint64) marks { return make(marks, (n+63)/64) }

func (m marks) has(i uint64) bool { return m[i/64]>>(i%64)&1 == 1 }

func (m marks) add(i uint64) { m[i/64] |= 1 << (i % 64) }
