package transport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// naiveLent is what lentRanges has to be like: it asks every range.
type naiveLent []lentRange

func (l *naiveLent) add(iovs [][]byte) error {
	before := len(*l)
	for _, p := range iovs {
		if l.overlaps(p) {
			*l = (*l)[:before]
			return ErrBufferInUse
		}
		if len(p) > 0 {
			*l = append(*l, rangeOf(p))
		}
	}
	return nil
}

func (l *naiveLent) remove(iovs [][]byte) {
	for _, p := range iovs {
		if len(p) > 0 {
			at := slices.Index(*l, rangeOf(p))
			*l = slices.Delete(*l, at, at+1)
		}
	}
}

func (l *naiveLent) overlaps(p []byte) bool {
	r := rangeOf(p)
	return len(p) > 0 && slices.ContainsFunc(*l, func(s lentRange) bool { return s.start < r.end && r.start < s.end })
}

// checkLent compares, and looks for what no sequence of loans may lead to.
func checkLent(l *lentRanges, want naiveLent) error {
	var all []lentRange
	for i, c := range l.sorted {
		switch {
		case len(c.ranges) == 0:
			return fmt.Errorf("chunk %d of %d is empty", i, len(l.sorted))
		case cap(c.ranges) != lentChunkRanges:
			return fmt.Errorf("chunk %d has room for %d ranges", i, cap(c.ranges))
		case c.ranges[0].start < c.least || i > 0 && all[len(all)-1].start >= c.least:
			return fmt.Errorf("the least of chunk %d is wrong", i)
		}
		all = append(all, c.ranges...)
	}
	sorted := slices.Clone(want)
	slices.SortFunc(sorted, func(a, b lentRange) int { return int(a.start) - int(b.start) })
	if !slices.Equal(all, sorted) {
		return fmt.Errorf("%d ranges lent are not the %d there should be", len(all), len(sorted))
	}
	return nil
}

// runLoans lends, ends loans and asks, as the script has it (four bytes a step),
// and compares with the naive list throughout. It returns how many chunks there
// were at most.
func runLoans(script []byte) (most int, err error) {
	memory := make([]byte, 1<<12)
	var l lentRanges
	var naive naiveLent
	var loans [][][]byte
	for ; len(script) >= 4; script = script[4:] {
		what, count, from := script[0], int(script[1]), (int(script[2])<<8|int(script[3]))&0xFFF
		switch {
		case what < 128:
			// Slices of 0 to 15 bytes, apart, touching or overlapping.
			var iovs [][]byte
			for range 1 + count%3 {
				n := min(int(what&0xF), len(memory)-from)
				iovs = append(iovs, memory[from:from+n])
				from = min(from+count>>4, len(memory))
			}
			err := l.add(iovs)
			if want := naive.add(iovs); err != want {
				return 0, fmt.Errorf("adding %d slices: %v, want %v", len(iovs), err, want)
			}
			if err == nil {
				loans = append(loans, iovs)
			}
		case what < 240:
			if len(loans) == 0 {
				continue
			}
			i := from % len(loans)
			l.remove(loans[i])
			naive.remove(loans[i])
			loans = slices.Delete(loans, i, i+1)
		default:
			p := memory[from:min(from+1+count, len(memory))]
			if got, want := l.overlaps(p), naive.overlaps(p); got != want {
				return 0, fmt.Errorf("overlaps: %v, want %v", got, want)
			}
		}
		if err := checkLent(&l, naive); err != nil {
			return 0, err
		}
		most = max(most, len(l.sorted))
	}
	for _, iovs := range loans {
		l.remove(iovs)
	}
	if len(l.sorted) > 0 {
		return 0, errors.New("not empty after the last loan")
	}
	return most, nil
}

// Whatever is lent and returned in whatever order, the list knows what a naive
// one knows.
func TestLentIsLikeANaiveList(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	split := 0
	for range 4 {
		script := make([]byte, 4*4000)
		for i := range script {
			script[i] = byte(rnd.Uint32())
		}
		for i := 0; i < len(script); i += 4 {
			// More loans begin than end, so that chunks split, then more
			// end, so that they go; and again.
			if begin := rnd.IntN(4) != 0; begin == (i/4000%2 == 0) {
				script[i] = script[i]&0x73 | 1 // slices of 1 to 3 bytes
			}
		}
		most, err := runLoans(script)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		split += most
	}
	if split < 4*4 {
		t.Errorf("seed %d: %d chunks at most in 4 runs: too few to tell", seed, split)
	}
}

func FuzzLent(f *testing.F) {
	f.Add([]byte{3, 0x42, 1, 0, 15, 0x10, 1, 3, 200, 0, 0, 0, 250, 9, 1, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		if _, err := runLoans(script); err != nil {
			t.Fatal(err)
		}
	})
}

// loans keeps count slices lent and takes back one after the other, in an order
// that has nothing to do with that of their addresses, to lend another.
type loans struct {
	list   lentRanges
	lent   [][][]byte
	next   [][]byte // not lent
	random *rand.Rand
}

func newLoans(tb testing.TB, count int) *loans {
	const n = 64
	memory := make([]byte, (count+1)*n)
	l := &loans{random: rand.New(rand.NewPCG(1, 2))}
	for _, i := range l.random.Perm(count) {
		l.lent = append(l.lent, [][]byte{memory[i*n : (i+1)*n]})
	}
	l.next = [][]byte{memory[count*n:]}
	for _, iovs := range l.lent {
		if err := l.list.add(iovs); err != nil {
			tb.Fatal(err)
		}
	}
	return l
}

func (l *loans) turn(count int) error {
	for range count {
		i := l.random.IntN(len(l.lent))
		l.list.remove(l.lent[i])
		if err := l.list.add(l.next); err != nil {
			return err
		}
		l.lent[i], l.next = l.next, l.lent[i]
	}
	return nil
}

// Lending costs no allocation once the list has had its size.
func TestLendingAllocatesNothing(t *testing.T) {
	for _, count := range []int{1, 16, 4096} {
		l := newLoans(t, count)
		run := func() {
			if err := l.turn(10 * count); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if n := testing.AllocsPerRun(10, run); n > 0 {
			t.Errorf("%d lent: %v allocations in %d loans", count, n, 10*count)
		}
	}
}

// BenchmarkLend is the end of one loan and the beginning of another while so
// many are lent.
func BenchmarkLend(b *testing.B) {
	for _, count := range []int{1, 16, 256, 4096, 65536} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			l := newLoans(b, count)
			b.ReportAllocs()
			b.ResetTimer()
			if err := l.turn(b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}
