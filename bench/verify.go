package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
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

// wholeWork reads all files of the target whole, in the largest blocks that will be
// measured.
func (t *target) wholeWork(works []Work) Work {
	st := Stream{tails: true}
	for i := range works {
		_, most := works[i].blocks()
		st.BlockMax = max(st.BlockMax, most)
	}
	st.BlockMin = st.BlockMax
	st.Depth = max(min(max(wholeMaxBytes/st.BlockMax, 1), wholeDepth), len(t.volumes))
	for i := range t.files {
		st.Files = append(st.Files, i)
	}
	return Work{Streams: []Stream{st}}
}

// verify reads every file whole and at random with the session and compares.
func (s *session) verify(ctx context.Context, t *target, d *digests, buffers []byte, w Work) error {
	lanes, err := s.lanes(t, w, buffers)
	if err != nil {
		return err
	}
	runLanes(ctx, lanes, &streamFeed{digests: d, verify: true})
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
			return ReadError(err, f.url, off, len(got), k)
		}
		if k, err := ref.ReadAt(want[:n], off); k != int(n) {
			return fmt.Errorf("for comparison: %w", ReadError(err, f.url, off, int(n), k))
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
