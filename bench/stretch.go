package bench

import "math/rand/v2"

// blocks are the sizes that reads have.
type blocks struct {
	least, most int64
	// tails has what is left at the end of a file read too, though it is shorter.
	tails bool
}

// draw is the size of the next read, of at most room bytes; 0 if none fits. Sizes are
// fio's: as many times the least one as chance says, and at most the largest.
func (b blocks) draw(rnd *rand.Rand, room int64) int64 {
	n := b.most
	if b.least < b.most {
		n = min(b.least+int64(float64(b.most)*rnd.Float64()), b.most)
		if n < b.most {
			n -= n % b.least
		}
	}
	if n > room && b.tails {
		return room
	}
	if n > room {
		n = room - room%b.least
	}
	return n
}

// stretch is what a stream reads of one file, from its start, and how far it is.
type stretch struct {
	file  int // index in the target
	bytes int64
	at    int64 // in order: the next byte

	// In no order: of count units of the least size the next is the turn-th of order.
	order       permutation
	count, turn uint64
	// read are the units that were read, if reads may be longer than one.
	read marks
}

// unordered prepares a stretch to be read in no order.
func (s *stretch) unordered(b blocks, rnd *rand.Rand) {
	s.count = uint64(s.bytes / b.least)
	s.order = newPermutation(s.count, rnd)
	if b.least < b.most {
		s.read = newMarks(s.count)
	}
}

// next is the next read in order; n is 0 at the end.
func (s *stretch) next(b blocks, rnd *rand.Rand) (off, n int64) {
	off, n = s.at, b.draw(rnd, s.bytes-s.at)
	s.at += n
	return off, n
}

// anywhere is a read in no order that brings nothing twice; n is 0 at the end.
func (s *stretch) anywhere(b blocks, rnd *rand.Rand) (off, n int64) {
	for s.turn < s.count {
		unit := s.order.at(s.turn)
		s.turn++
		if s.read == nil {
			return int64(unit) * b.least, b.least
		}
		if s.read.has(unit) {
			continue
		}
		off = int64(unit) * b.least
		n = b.draw(rnd, s.free(unit, b))
		for u := unit; u < unit+uint64((n+b.least-1)/b.least); u++ {
			s.read.add(u)
		}
		return off, n
	}
	return 0, 0
}

// free is how many bytes from a unit on have not been read, up to the largest read.
func (s *stretch) free(unit uint64, b blocks) int64 {
	n := int64(0)
	for n < b.most && unit < s.count && !s.read.has(unit) {
		n, unit = n+b.least, unit+1
	}
	return n
}

// again is a read anywhere of at most so many bytes, whatever was read before.
func (s *stretch) again(b blocks, rnd *rand.Rand, most int64) (off, n int64) {
	off = rnd.Int64N(int64(s.count)) * b.least
	return off, b.draw(rnd, min(int64(s.count)*b.least-off, most))
}

// rewind begins anew.
func (s *stretch) rewind() {
	s.at, s.turn = 0, 0
	clear(s.read)
}
