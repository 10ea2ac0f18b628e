package readv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
)

var ctx = context.Background()

func dialTest(t testing.TB, url string, o *Options) *Volume {
	t.Helper()
	within, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var with Options
	if o != nil {
		with = *o
	}
	if with.Rings == 0 {
		with.Rings = testRings
		if with.Conns > 0 {
			with.Conns = max(with.Conns, testRings)
		}
	}
	v, err := Dial(within, url, &with)
	var forbidden *ring.ForbiddenError
	insists := with.Engine == transport.EngineURing || os.Getenv(transport.EngineVariable) == transport.EngineURing.String()
	if insists && errors.As(err, &forbidden) { // others go by the poller
		skip.Forbidden(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error("closing the volume:", err)
		}
		if s := v.Stats(); s.InFlight != 0 {
			t.Errorf("%d calls accepted, %d reported", s.Accepted, s.Reported)
		}
	})
	return v
}

func randomBytes(seed uint64, n int) []byte {
	rnd := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	p := make([]byte, n)
	rnd.Read(p)
	return p
}

func open(t testing.TB, v *Volume, name string) *File {
	t.Helper()
	f, err := v.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error("closing the file:", err)
		}
	})
	return f
}

// cut deals p out in 1 to most pieces of uneven sizes.
func cut(rnd *rand.Rand, p []byte, most int) [][]byte {
	var iovs [][]byte
	for n := 1 + rnd.IntN(most); n > 1 && len(p) > 1; n-- {
		k := rnd.IntN(len(p))
		if rnd.IntN(2) == 0 {
			k = min(k, 512)
		}
		iovs = append(iovs, p[:k:k])
		p = p[k:]
	}
	return append(iovs, p)
}

// verifyRandomReads makes count reads at random places, depth in flight, half of
// them into registered memory, and compares every byte, also those around.
func verifyRandomReads(t testing.TB, v *Volume, f *File, want []byte, count, depth int) {
	t.Helper()
	const most, guard = 256 << 10, 64
	untouched := []byte{0xA5}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	arena, err := ring.NewArena(most+2*guard, depth)
	if err != nil {
		t.Fatal(err)
	}
	region, err := v.Register(arena.Bytes())
	if err != nil {
		var forbidden *ring.ForbiddenError
		if !errors.As(err, &forbidden) {
			t.Fatal(err)
		}
		t.Log("not registered:", err) // what is read is the same
		region = new(Region)
	}
	type job struct {
		Op
		block []byte
		n     int
	}
	q := v.NewQueue(depth)
	done := make([]*Op, depth)
	for started, ended := 0, 0; ended < count; {
		for started < count && q.InFlight() < depth {
			j := &job{n: 1 + rnd.IntN(most)}
			if rnd.IntN(3) == 0 {
				j.n = 1 + rnd.IntN(8<<10)
			}
			if rnd.IntN(2) == 0 {
				j.block = arena.Get()
			} else {
				j.block = make([]byte, most+2*guard)
			}
			copy(j.block, bytes.Repeat(untouched, len(j.block)))
			// Now and then a read that reaches past the end.
			j.Off = rnd.Int64N(int64(len(want)))
			j.File, j.Iovs, j.UserData = f, cut(rnd, j.block[guard:guard+j.n], 16), j
			if _, err := q.Add(&j.Op); err != nil {
				t.Fatal(err)
			}
			started++
		}
		n, err := q.Wait(ctx, done, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range done[:n] {
			ended++
			j := o.UserData.(*job)
			expect := want[o.Off:min(int(o.Off)+j.n, len(want))]
			if o.N != len(expect) || (o.Err == io.EOF) != (o.N < j.n) || o.Err != nil && o.Err != io.EOF {
				t.Fatalf("read of %d at %d: %d bytes, %v", j.n, o.Off, o.N, o.Err)
			}
			if !bytes.Equal(j.block[guard:guard+o.N], expect) {
				t.Fatalf("read of %d at %d: wrong bytes", j.n, o.Off)
			}
			before, after := j.block[:guard], j.block[guard+j.n:]
			if bytes.Count(before, untouched) != len(before) || bytes.Count(after, untouched) != len(after) {
				t.Fatalf("read of %d at %d wrote outside what was lent", j.n, o.Off)
			}
			if cap(j.block) == arena.BlockBytes() {
				arena.Put(j.block)
			}
		}
	}
	if err := errors.Join(region.Close(), arena.Close()); err != nil {
		t.Error(err)
	}
}
