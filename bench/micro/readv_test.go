package micro

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/readv"
)

var protocols = []server.Protocol{server.Gluster, server.NFS3}

func openFile(b *testing.B, p server.Protocol, o *readv.Options) *readv.File {
	b.Helper()
	v, err := readv.Dial(context.Background(), serving.URLs[string(p)], o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := v.Close(); err != nil {
			b.Error(err)
		}
	})
	f, err := v.Open(context.Background(), fileName)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// BenchmarkReadv is the asynchronous door: one goroutine, one queue.
func BenchmarkReadv(b *testing.B) {
	for _, p := range protocols {
		for _, l := range loads {
			b.Run(fmt.Sprintf("protocol=%s/%s", p, l), func(b *testing.B) { benchReadv(b, p, l) })
		}
	}
}

func benchReadv(b *testing.B, p server.Protocol, l load) {
	f := openFile(b, p, nil)
	q := f.Volume().NewQueue(l.depth)
	next := offsets{step: int64(l.bytes)}
	ops, done := make([]readv.Op, l.depth), make([]*readv.Op, l.depth)
	add := func(o *readv.Op) {
		o.Off = next.take()
		if _, err := q.Add(o); err != nil {
			b.Fatal(err)
		}
	}
	wait := func(min int) []*readv.Op {
		n, err := q.Wait(context.Background(), done, min)
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range done[:n] {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
		return done[:n]
	}
	read := func(count int) {
		for count > 0 {
			for _, o := range wait(1) {
				add(o)
				count--
			}
		}
	}
	for i := range ops {
		ops[i].File, ops[i].Iovs = f, [][]byte{make([]byte, l.bytes)}
		add(&ops[i])
	}
	read(4 * l.depth)
	b.SetBytes(int64(l.bytes))
	m := newMeter(b, f.Volume().Stats)
	read(b.N)
	m.report(b)
	for _, o := range wait(l.depth) {
		check(b, o.Iovs[0], o.Off)
	}
}

// BenchmarkReadAt is the blocking door, from one goroutine and from many.
func BenchmarkReadAt(b *testing.B) {
	for _, p := range protocols {
		for _, l := range []load{{4 << 10, 1}, {4 << 10, 16}, {128 << 10, 1}, {128 << 10, 16}} {
			b.Run(fmt.Sprintf("protocol=%s/bs=%s/goroutines=%d", p, size(l.bytes), l.depth), func(b *testing.B) {
				benchReadAt(b, p, l)
			})
		}
	}
}

func benchReadAt(b *testing.B, p server.Protocol, l load) {
	f := openFile(b, p, nil)
	buf := make([]byte, l.bytes)
	if _, err := f.ReadAt(buf, fileBytes/2); err != nil {
		b.Fatal(err)
	}
	check(b, buf, fileBytes/2)
	var taken atomic.Int64
	b.SetBytes(int64(l.bytes))
	b.SetParallelism(l.depth)
	m := newMeter(b, f.Volume().Stats)
	b.RunParallel(func(pb *testing.PB) {
		buf := make([]byte, l.bytes)
		for pb.Next() {
			off := taken.Add(1) * int64(l.bytes) % fileBytes
			if _, err := f.ReadAt(buf, off); err != nil {
				b.Error(err)
				return
			}
		}
	})
	m.report(b)
}
