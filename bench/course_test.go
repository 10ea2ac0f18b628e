package bench

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPermutation(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []uint64{1, 2, 3, 4, 5, 63, 64, 65, 1000, 1 << 14, 1<<14 + 1} {
		p := newPermutation(n, rnd)
		seen := newMarks(n)
		inOrder := uint64(0)
		for i := range n {
			at := p.at(i)
			if at >= n || seen.has(at) {
				t.Fatalf("%d of %d is %d, which is too large or has been", i, n, at)
			}
			seen.add(at)
			if i > 0 && at == p.at(i-1)+1 {
				inOrder++
			}
		}
		if n > 100 && inOrder > n/20 {
			t.Errorf("%d of %d follow each other", inOrder, n)
		}
	}
}

type piece struct {
	File   int
	Off, N int64
}

// walk takes everything that a stream reads, at most so many reads.
func walk(st Stream, sizes []int64, most int) (list []piece) {
	tg := &target{}
	for i, size := range sizes {
		tg.files = append(tg.files, targetFile{size: size})
		st.Files = append(st.Files, i)
	}
	c := newCourse(tg, &st, st.Files, 7)
	for s := (slot{}); len(list) < most && c.next(&s); {
		list = append(list, piece{s.file, s.off, int64(s.n)})
	}
	return list
}

func TestCourseInOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		st    Stream
		sizes []int64
		want  []piece
	}{
		{"what is left is not read", Stream{BlockMin: 4, BlockMax: 4}, []int64{10}, []piece{{0, 0, 4}, {0, 4, 4}}},
		{"but for tails", Stream{BlockMin: 4, BlockMax: 4, tails: true}, []int64{10}, []piece{{0, 0, 4}, {0, 4, 4}, {0, 8, 2}}},
		{"files in turn", Stream{BlockMin: 4, BlockMax: 4}, []int64{12, 4, 8}, []piece{{0, 0, 4}, {1, 0, 4}, {2, 0, 4}, {0, 4, 4}, {2, 4, 4}, {0, 8, 4}}},
		{"a share of each", Stream{BlockMin: 4, BlockMax: 4, SizeBytes: 16}, []int64{100, 4}, []piece{{0, 0, 4}, {1, 0, 4}, {0, 4, 4}}},
		{"anew", Stream{BlockMin: 4, BlockMax: 4, TimeBased: true}, []int64{8}, []piece{{0, 0, 4}, {0, 4, 4}, {0, 0, 4}, {0, 4, 4}, {0, 0, 4}, {0, 4, 4}, {0, 0, 4}}},
		{"anew when all files are read", Stream{BlockMin: 4, BlockMax: 4, TimeBased: true}, []int64{8, 4},
			[]piece{{0, 0, 4}, {1, 0, 4}, {0, 4, 4}, {1, 0, 4}, {0, 0, 4}, {0, 4, 4}, {1, 0, 4}}},
	} {
		if diff := cmp.Diff(c.want, walk(c.st, c.sizes, 7)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// Whatever the order and the sizes, everything is read once, in reads of such sizes.
func TestCourseReadsAllOnce(t *testing.T) {
	const least, most, size = 512, 8 << 10, 300*512 + 100
	for _, random := range []bool{false, true} {
		for _, largest := range []int{least, most, most - 256} {
			read := make([]int, 2*size)
			sizes := make(map[int64]bool)
			list := walk(Stream{BlockMin: least, BlockMax: largest, Random: random}, []int64{size, size}, 1000)
			at := int64(0)
			for _, p := range list {
				if p.N < least || p.N > int64(largest) || p.N%least != 0 && p.N != int64(largest) || p.Off+p.N > size {
					t.Fatalf("a read of %d bytes at %d", p.N, p.Off)
				}
				if p.File == 0 && !random {
					if p.Off != at {
						t.Fatalf("at %d, want %d", p.Off, at)
					}
					at += p.N
				}
				sizes[p.N] = true
				for i := p.Off; i < p.Off+p.N; i++ {
					read[int64(p.File)*size+i]++
				}
			}
			missed := 0
			for _, n := range read {
				if n > 1 {
					t.Fatal("a byte was read twice")
				}
				missed += 1 - n
			}
			// Of a read whose size is no multiple of the least one the rest of the unit
			// is not read if there is no order; what is left at the end is not either.
			if allowed := 2 * least; missed > allowed && (!random || largest%least == 0) {
				t.Errorf("random %t, up to %d: %d bytes were not read", random, largest, missed)
			}
			if largest > least && len(sizes) < 10 {
				t.Errorf("random %t, up to %d: reads have %d sizes", random, largest, len(sizes))
			}
			inOrder := slices.IsSortedFunc(list, func(a, b piece) int { return int(a.Off - b.Off) })
			if largest == least && inOrder == random {
				t.Errorf("random is %t, in order %t", random, inOrder)
			}
		}
	}
}

func TestCourseAgain(t *testing.T) {
	list := walk(Stream{BlockMin: 512, BlockMax: 4096, Random: true, Again: true}, []int64{1 << 20}, 1e6)
	sum, at := int64(0), make(map[int64]bool)
	for _, p := range list {
		if p.Off%512 != 0 || p.N%512 != 0 || p.N < 512 || p.N > 4096 || p.Off+p.N > 1<<20 {
			t.Fatalf("a read of %d bytes at %d", p.N, p.Off)
		}
		sum += p.N
		at[p.Off] = true
	}
	if sum > 1<<20 || sum < 1<<20-512 {
		t.Errorf("%d bytes of 1 MiB", sum)
	}
	if len(at) == len(list) {
		t.Errorf("%d reads, and none twice from one place", len(list))
	}
}

// Every way of reading gets the same.
func TestCourseIsTheSame(t *testing.T) {
	st := Stream{BlockMin: 512, BlockMax: 4096, Random: true}
	if diff := cmp.Diff(walk(st, []int64{1 << 20}, 1e6), walk(st, []int64{1 << 20}, 1e6)); diff != "" {
		t.Error(diff)
	}
}
