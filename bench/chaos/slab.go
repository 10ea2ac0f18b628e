package chaos

import (
	"bytes"
	"math/rand/v2"
)

// slab is memory for one read: its slices with gaps around and between them. All
// of it that is not lent holds the canary, by which a byte written where or when
// it should not be is seen.
type slab struct {
	mem    []byte
	canary []byte // as long
	iovs   [][]byte
	spans  []span // where they are
}

type span struct{ from, to int }

const (
	maxIovs     = 8
	maxGapBytes = 40
	// spareBytes is how much longer than a read a slab is.
	spareBytes = (maxIovs + 1) * maxGapBytes
)

// lay deals n bytes out in slices of uneven sizes.
func (s *slab) lay(rnd *rand.Rand, n int) {
	s.iovs, s.spans = s.iovs[:0], s.spans[:0]
	at := 1 + rnd.IntN(maxGapBytes)
	for left := rnd.IntN(maxIovs); n > 0 || len(s.iovs) == 0; left-- {
		k := n
		if left > 0 {
			k = rnd.IntN(n + 1)
		}
		s.iovs = append(s.iovs, s.mem[at:at+k:at+k])
		s.spans = append(s.spans, span{at, at + k})
		at += k + 1 + rnd.IntN(maxGapBytes-1)
		n -= k
	}
}

// one lays out a single slice.
func (s *slab) one(n int) {
	s.iovs = append(s.iovs[:0], s.mem[1:1+n:1+n])
	s.spans = append(s.spans[:0], span{1, 1 + n})
}

// outside reports whether everything but the slices still holds the canary.
func (s *slab) outside() bool {
	at := 0
	for _, p := range s.spans {
		if !bytes.Equal(s.mem[at:p.from], s.canary[at:p.from]) {
			return false
		}
		at = p.to
	}
	return bytes.Equal(s.mem[at:], s.canary[at:])
}

// holds compares the first bytes in the slices with what they should be. It
// returns the index of the first that differs, or -1.
func (s *slab) holds(want []byte) int {
	done := 0
	for _, v := range s.iovs {
		k := min(len(v), len(want)-done)
		if !bytes.Equal(v[:k], want[done:done+k]) {
			for i := range k {
				if v[i] != want[done+i] {
					return done + i
				}
			}
		}
		done += k
	}
	return -1
}

// wipe puts the canary everywhere.
func (s *slab) wipe() { copy(s.mem, s.canary) }

// untouched reports whether the canary is everywhere.
func (s *slab) untouched() bool { return bytes.Equal(s.mem, s.canary) }
