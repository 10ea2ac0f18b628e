package transport

import "slices"

// lentRange is memory that is with the engine.
type lentRange struct{ start, end uintptr }

// lentRanges knows all memory that is lent, sorted by address, no two ranges
// overlapping: a buffer given to two reads at once is found before a byte of
// either lands.
type lentRanges struct {
	sorted []lentRange
}

// add lends the slices, or none of them if one overlaps what is lent already or
// another of them.
func (l *lentRanges) add(iovs [][]byte) error {
	for i, p := range iovs {
		if len(p) == 0 {
			continue
		}
		if l.overlaps(p) {
			l.remove(iovs[:i])
			return ErrBufferInUse
		}
		r := rangeOf(p)
		l.sorted = slices.Insert(l.sorted, l.after(r.start), r)
	}
	return nil
}

// remove ends the loan of slices that add took.
func (l *lentRanges) remove(iovs [][]byte) {
	for _, p := range iovs {
		if len(p) == 0 {
			continue
		}
		at := l.after(rangeOf(p).start) - 1
		l.sorted = slices.Delete(l.sorted, at, at+1)
	}
}

// overlaps reports whether any of p is lent.
func (l *lentRanges) overlaps(p []byte) bool {
	r := rangeOf(p)
	at := l.after(r.start)
	return at > 0 && l.sorted[at-1].end > r.start || at < len(l.sorted) && l.sorted[at].start < r.end
}

// after is the index of the first range that starts behind start.
func (l *lentRanges) after(start uintptr) int {
	lo, hi := 0, len(l.sorted)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if l.sorted[mid].start <= start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
