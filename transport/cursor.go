package transport

// cursor is a place in a list of slices.
type cursor struct {
	index, offset int
}

// advance moves n bytes on; the list holds at least that many more.
func (c *cursor) advance(iovs [][]byte, n int) {
	for n > 0 {
		rest := len(iovs[c.index]) - c.offset
		if n < rest {
			c.offset += n
			return
		}
		n -= rest
		c.index, c.offset = c.index+1, 0
	}
}

// segment is the memory at the cursor, at most limit bytes and none of it empty
// unless limit is 0.
func (c *cursor) segment(iovs [][]byte, limit int) []byte {
	for c.index < len(iovs) && c.offset == len(iovs[c.index]) {
		c.index, c.offset = c.index+1, 0
	}
	if limit == 0 || c.index == len(iovs) {
		return nil
	}
	s := iovs[c.index][c.offset:]
	return s[:min(len(s), limit)]
}

// copyFrom copies b to the cursor and moves on.
func (c *cursor) copyFrom(iovs [][]byte, b []byte) {
	for len(b) > 0 {
		n := copy(c.segment(iovs, len(b)), b)
		c.advance(iovs, n)
		b = b[n:]
	}
}
