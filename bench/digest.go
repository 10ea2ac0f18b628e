package bench

import (
	"context"
	"fmt"
	"hash/maphash"

	"github.com/ringreadv/ringreadv/ring"
)

// digests tell whether bytes at an aligned place of a file are right, without
// keeping the files in memory: a 64-bit hash, seeded anew for each run, of every
// unit of every file.
type digests struct {
	unit  int64
	seed  maphash.Seed
	files [][]uint64 // by index in the target
	sizes []int64
}

// unitFor is the largest piece that divides all sizes of reads.
func unitFor(works []Work) int64 {
	unit := 0
	for _, w := range works {
		for i := range w.Streams {
			unit = gcd(gcd(unit, w.Streams[i].BlockMin), w.Streams[i].BlockMax)
		}
	}
	return int64(unit)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// makeDigests reads every file from its reference, once.
func makeDigests(ctx context.Context, t *target, unit int64) (*digests, error) {
	d := &digests{unit: unit, seed: maphash.MakeSeed(), files: make([][]uint64, len(t.files)), sizes: make([]int64, len(t.files))}
	known := make(map[string]int)
	buf := make([]byte, max(unit, (1<<20)/unit*unit))
	for i, f := range t.files {
		d.sizes[i] = f.size
		if same, ok := known[f.url]; ok {
			d.files[i] = d.files[same]
			continue
		}
		known[f.url] = i
		if err := d.readFile(ctx, t, i, buf); err != nil {
			return nil, Explain(err, "reading the file over a plain connection, to compare with", f.url)
		}
	}
	return d, nil
}

func (d *digests) readFile(ctx context.Context, t *target, i int, buf []byte) error {
	ref, err := t.openReference(ctx, i)
	if err != nil {
		return err
	}
	defer ref.Close()
	size := d.sizes[i]
	for off := int64(0); off < size; off += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := buf[:min(int64(len(buf)), size-off)]
		if n, err := ref.ReadAt(p, off); n < len(p) {
			return ReadError(err, t.files[i].url, off, len(p), n)
		}
		for ; len(p) > 0; p = p[min(d.unit, int64(len(p))):] {
			d.files[i] = append(d.files[i], maphash.Bytes(d.seed, p[:min(d.unit, int64(len(p)))]))
		}
	}
	return nil
}

// check compares bytes that start at a unit's start and end at one's end. It
// allocates only for an error.
func (d *digests) check(p []byte, file int, off int64) error {
	for len(p) > 0 {
		n := min(d.unit, int64(len(p)))
		if maphash.Bytes(d.seed, p[:n]) != d.files[file][off/d.unit] {
			return &WrongBytesError{File: file, Off: off, Bytes: int(n)}
		}
		p, off = p[n:], off+n
	}
	return nil
}

// WrongBytesError is a read that returned what is not in the file.
type WrongBytesError struct {
	File  int // index among those read
	Off   int64
	Bytes int // among so many from Off on
}

func (e *WrongBytesError) Error() string {
	return fmt.Sprintf("WRONG BYTES: file %d differs within %d bytes at offset %d", e.File+1, e.Bytes, e.Off)
}

// newBuffers maps the memory that all reads go to, for all ways of reading the
// same, and has the kernel back it.
func newBuffers(n int) (*ring.Arena, []byte, error) {
	a, err := ring.NewArena(n, 1)
	if err != nil {
		return nil, nil, err
	}
	b := a.Get()
	clear(b)
	return a, b, nil
}
