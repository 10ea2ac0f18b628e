package transport

import "slices"

// lentRange is memory that is with the engine.
type lentRange struct{ start, end uintptr }

// lentRanges knows all memory that is lent, sorted by address, no two ranges
// overlapping: a buffer given to two reads at once is found before a byte of
// either lands. The list is in chunks, so that lending moves a chunk's part at
// most, however many reads are in flight.
type lentRanges struct {
	sorted []lentChunk   // none is empty
	spare  [][]lentRange // memory of chunks that were
}

// lentChunk is a stretch of the list.
type lentChunk struct {
	// least is where the chunk's addresses begin: none of its ranges starts
	// below, and none of the chunk before starts there or above.
	least  uintptr
	ranges []lentRange
}

// lentChunkRanges is the most ranges in a chunk: half a KiB of them.
const lentChunkRanges = 32

// add lends the slices, or none of them if one overlaps what is lent already or
// another of them.
func (l *lentRanges) add(iovs [][]byte) error {
	for i, p := range iovs {
		if len(p) == 0 {
			continue
		}
		r := rangeOf(p)
		chunk, at := l.after(r.start)
		if l.meets(r, chunk, at) {
			l.remove(iovs[:i])
			return ErrBufferInUse
		}
		l.insert(r, chunk, at)
	}
	return nil
}

// remove ends the loan of slices that add took.
func (l *lentRanges) remove(iovs [][]byte) {
	for _, p := range iovs {
		if len(p) == 0 {
			continue
		}
		chunk, at := l.after(rangeOf(p).start)
		c := &l.sorted[chunk]
		if len(c.ranges) > 1 {
			c.ranges = slices.Delete(c.ranges, at-1, at)
			continue
		}
		l.spare = append(l.spare, c.ranges[:0])
		l.sorted = slices.Delete(l.sorted, chunk, chunk+1)
	}
}

// overlaps reports whether any of p, which is not empty, is lent.
func (l *lentRanges) overlaps(p []byte) bool {
	r := rangeOf(p)
	chunk, at := l.after(r.start)
	return l.meets(r, chunk, at)
}

// after finds the place behind the last range that does not start behind start:
// a chunk, if there is any, and an index in it, which may be that of its end.
func (l *lentRanges) after(start uintptr) (chunk, at int) {
	lo, hi := 1, len(l.sorted) // what starts below all chunks goes to the first
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if l.sorted[mid].least <= start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	chunk = lo - 1
	if chunk == len(l.sorted) {
		return chunk, 0
	}
	ranges := l.sorted[chunk].ranges
	lo, hi = 0, len(ranges)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if ranges[mid].start <= start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return chunk, lo
}

// meets reports whether r overlaps a neighbour of the place that after found.
func (l *lentRanges) meets(r lentRange, chunk, at int) bool {
	if chunk == len(l.sorted) {
		return false
	}
	ranges := l.sorted[chunk].ranges
	if at > 0 {
		if ranges[at-1].end > r.start {
			return true
		}
	} else if chunk > 0 {
		if before := l.sorted[chunk-1].ranges; before[len(before)-1].end > r.start {
			return true
		}
	}
	if at < len(ranges) {
		return ranges[at].start < r.end
	}
	return chunk+1 < len(l.sorted) && l.sorted[chunk+1].ranges[0].start < r.end
}

// insert puts r where after found its place.
func (l *lentRanges) insert(r lentRange, chunk, at int) {
	if chunk == len(l.sorted) {
		l.sorted = append(l.sorted, lentChunk{r.start, l.newChunk()})
	}
	c := &l.sorted[chunk]
	if len(c.ranges) == lentChunkRanges {
		const half = lentChunkRanges / 2
		upper := lentChunk{c.ranges[half].start, append(l.newChunk(), c.ranges[half:]...)}
		c.ranges = c.ranges[:half]
		l.sorted = slices.Insert(l.sorted, chunk+1, upper)
		if at > half {
			chunk, at = chunk+1, at-half
		}
		c = &l.sorted[chunk]
	}
	c.least = min(c.least, r.start)
	c.ranges = slices.Insert(c.ranges, at, r)
}

// newChunk gives memory for a chunk, used before if there is any.
func (l *lentRanges) newChunk() []lentRange {
	if n := len(l.spare); n > 0 {
		ranges := l.spare[n-1]
		l.spare = l.spare[:n-1]
		return ranges
	}
	return make([]lentRange, 0, lentChunkRanges)
}
