package bench

import (
	"math/rand/v2"
	"sync"
)

// course is the way of a stream through its files, as far as they are on one volume.
// All lanes that read for the stream take from it.
type course struct {
	blocks  blocks
	random  bool
	again   bool // of random: what was read before does not count
	endless bool // begin anew when all is read

	mu        sync.Mutex
	stretches []stretch
	turn      int   // of stretches, whose is the next read
	left      int64 // with again: bytes to go
	rnd       *rand.Rand
}

// newCourse reads these files of the target, up to the stream's share of each. The
// seed gives every way of reading the same order.
func newCourse(t *target, st *Stream, files []int, seed int) *course {
	c := &course{
		blocks: blocks{int64(st.BlockMin), int64(st.BlockMax), st.tails}, random: st.Random, again: st.Again, endless: st.TimeBased,
		rnd: rand.New(rand.NewPCG(uint64(seed), 2013)),
	}
	for _, f := range files {
		s := stretch{file: f, bytes: st.share(t.files[f].size)}
		if c.random {
			s.unordered(c.blocks, c.rnd)
		}
		c.stretches = append(c.stretches, s)
	}
	c.left = c.whole()
	return c
}

// whole is how many bytes all stretches have.
func (c *course) whole() (sum int64) {
	for i := range c.stretches {
		sum += c.stretches[i].bytes
	}
	return sum
}

// next sets what the slot reads next; false: all is read. It allocates nothing.
func (c *course) next(s *slot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.round(s) {
		return true
	}
	if !c.endless {
		return false
	}
	c.restart()
	return c.round(s)
}

// rewind has everything read from the start, once or without an end.
func (c *course) rewind(endless bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endless, c.turn = endless, 0
	c.restart()
}

func (c *course) restart() {
	for i := range c.stretches {
		c.stretches[i].rewind()
	}
	c.left = c.whole()
}

// round takes a block from the first stretch that has one, beginning with the one
// whose turn it is.
func (c *course) round(s *slot) bool {
	for range c.stretches {
		from := &c.stretches[c.turn]
		c.turn = (c.turn + 1) % len(c.stretches)
		off, n := c.take(from)
		if n > 0 {
			s.file, s.off, s.n = from.file, off, int(n)
			return true
		}
	}
	return false
}

func (c *course) take(from *stretch) (off, n int64) {
	switch {
	case !c.random:
		return from.next(c.blocks, c.rnd)
	case !c.again:
		return from.anywhere(c.blocks, c.rnd)
	case c.left < c.blocks.least:
		return 0, 0
	}
	off, n = from.again(c.blocks, c.rnd, c.left)
	c.left -= n
	return off, n
}
