package chaos

import (
	"io"
	"math/rand/v2"
	"time"

	"github.com/ringreadv/ringreadv/readv"
)

// read is one read: what it asks for, and the memory it goes to.
type read struct {
	op      readv.Op
	content *content
	slab    *slab
	asked   int
	task    *task
}

// sizes are the upper bounds of reads, each as likely: small ones that are staged,
// such as one receive brings, and such as the receive has to wait for.
var sizes = [...]int{1, 500, 4 << 10, 4 << 10, 16 << 10, 16 << 10, 64 << 10, 64 << 10, 128 << 10, 300 << 10, maxReadBytes}

// place chooses how much to read and where.
func (f *content) place(rnd *rand.Rand) (off int64, n int) {
	n = 1 + rnd.IntN(sizes[rnd.IntN(len(sizes))])
	if !f.whole {
		n = min(n, len(f.bytes))
		return rnd.Int64N(int64(len(f.bytes)-n) + 1), n
	}
	switch rnd.IntN(30) {
	case 0:
		return int64(len(f.bytes)) + rnd.Int64N(10), n // past the end
	case 1:
		return max(int64(len(f.bytes))-rnd.Int64N(int64(n)), 0), n // over it
	case 2:
		return rnd.Int64N(int64(len(f.bytes))), 0
	}
	return rnd.Int64N(int64(len(f.bytes))), n
}

// limit chooses when a read has to have ended; zero leaves it to the volume.
func limit(rnd *rand.Rand) time.Time {
	switch rnd.IntN(16) {
	case 0:
		return time.Now().Add(time.Duration(rnd.Int64N(int64(20 * time.Millisecond))))
	case 1:
		return time.Now().Add(time.Duration(rnd.Int64N(int64(time.Second))))
	}
	return time.Time{}
}

// orPatience is when a read with this limit is over.
func orPatience(limit time.Time) time.Time {
	if limit.IsZero() {
		return time.Now().Add(patience)
	}
	return limit
}

// judge compares what a read brought with what it should have.
func (c *client) judge(f *content, s *slab, off int64, asked, n int, err error) {
	want, eof := f.at(off, asked)
	good := n == len(want) && eof == (err == io.EOF)
	if err != nil && err != io.EOF {
		good = n <= len(want)
	}
	at := -1
	if good {
		at = s.holds(want[:n])
	}
	switch {
	case !good:
		c.wrong("%s: %d bytes at %d of %d: got %d, error %v", f.name, asked, off, len(f.bytes), n, err)
	case at >= 0:
		c.wrong("%s: %d bytes at %d: got %d, of which number %d differs, error %v", f.name, asked, off, n, at, err)
	case err != nil && err != io.EOF:
		c.fail(err, c.fast.Load())
	default:
		c.right(n)
	}
	if !s.outside() {
		c.complain(outsideWrites, "%s: %d bytes at %d in %d slices", f.name, asked, off, len(s.iovs))
	}
}

// refused judges a read that was not taken in: nothing was lent.
func (c *client) refused(s *slab, err error) {
	if !s.untouched() {
		c.complain(outsideWrites, "a read that was refused: %v", err)
	}
	if kindOf(err) == failLost && !c.fast.Load() {
		c.complain(lostReads, "refused: %v", err)
	}
	c.called("Add", err)
}
