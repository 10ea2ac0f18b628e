package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// randomReads is how many reads of uneven offset, length and number of slices
// are compared for each way of reading and file, and how long they are at most.
const (
	randomReads    = 50
	randomMaxBytes = 256 << 10
	randomMaxIovs  = 16
)

// How whole files are read to be compared, whatever the depths measured: one
// read after another would take long, very large ones much memory.
const (
	wholeDepth    = 16
	wholeMaxBytes = 64 << 20
)

// wholeWork reads whole files in the largest blocks that will be measured.
func wholeWork(works []Work) Work {
	w := Work{}
	for _, other := range works {
		w.BlockBytes = max(w.BlockBytes, other.BlockBytes)
	}
	w.Depths = []int{min(max(wholeMaxBytes/w.BlockBytes, 1), wholeDepth)}
	return w
}

// verify reads every file whole and at random with the session and compares.
func (s *session) verify(ctx context.Context, t *target, d *digests, buffers []byte, w Work) error {
	lanes, err := s.lanes(t, w, buffers)
	if err != nil {
		return err
	}
	whole := &wholeFeed{digests: d, block: int64(w.BlockBytes), at: make([]atomic.Int64, len(t.files))}
	runLanes(ctx, lanes, whole)
	for _, l := range lanes {
		if l.err != nil {
			return fmt.Errorf("%s: comparing whole files: %w", s.way, l.err)
		}
	}
	for i, f := range t.files {
		if err := s.verifyRandom(ctx, t, i, buffers); err != nil {
			return fmt.Errorf("%s: %s: comparing random reads: %w", s.way, f.url, err)
		}
	}
	return nil
}

// wholeFeed reads every file once from start to end.
type wholeFeed struct {
	*digests
	block int64
	at    []atomic.Int64
}

func (f *wholeFeed) next(s *slot, _ time.Time) bool {
	for range s.files {
		s.file = s.files[s.turn%len(s.files)]
		s.turn++
		size := f.sizes[s.file]
		if off := f.at[s.file].Add(f.block) - f.block; off < size {
			s.off, s.n = off, int(min(f.block, size-off))
			return true
		}
	}
	return false
}

func (f *wholeFeed) check(s *slot) error { return f.digests.check(s.buf[:s.n], s.file, s.off) }

func (s *session) verifyRandom(ctx context.Context, t *target, file int, buffers []byte) error {
	ref, err := t.openReference(ctx, file)
	if err != nil {
		return err
	}
	defer ref.Close()
	f := &t.files[file]
	r := s.readers[s.byVolume[f.volume][0]]
	most := min(int64(len(buffers)), f.size, randomMaxBytes)
	want := make([]byte, most)
	rnd := rand.New(rand.NewPCG(uint64(file), 1))
	for range randomReads {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := 1 + rnd.Int64N(most)
		off := rnd.Int64N(f.size - n + 1)
		got := buffers[:n]
		clear(got)
		if k, err := r.readv(file, cut(rnd, got), off); err != nil || k != len(got) {
			return fmt.Errorf("%d bytes at %d: got %d: %w", n, off, k, err)
		}
		if k, err := ref.ReadAt(want[:n], off); k != int(n) {
			return fmt.Errorf("%d bytes at %d for comparison: got %d: %w", n, off, k, err)
		}
		if !bytes.Equal(got, want[:n]) {
			return &WrongBytesError{File: file, Off: off, Bytes: int(n)}
		}
	}
	return nil
}

// cut deals p out in slices of uneven sizes.
func cut(rnd *rand.Rand, p []byte) [][]byte {
	var iovs [][]byte
	for range rnd.IntN(randomMaxIovs) {
		n := rnd.IntN(len(p) + 1)
		iovs, p = append(iovs, p[:n]), p[n:]
	}
	return append(iovs, p)
}
