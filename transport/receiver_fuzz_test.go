package transport

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

var fuzzSpecs = []callSpec{
	{xid: 0, segs: []int{0}},
	{xid: 1, segs: []int{1}},
	{xid: 2, segs: []int{3, 0, 5}},
	{xid: 3, segs: []int{100, 1, 900}, usual: 20},
	{xid: 4, segs: []int{4096}},
	{xid: 5, body: true, limit: 100},
	{xid: 6, body: true, limit: 5000},
}

func FuzzReceiver(f *testing.F) {
	for _, s := range []callSpec{fuzzSpecs[2], fuzzSpecs[3], fuzzSpecs[4]} {
		b := transporttest.Accepted(s.xid, readResult(0, s.size()))
		f.Add(b, uint64(1), byte(0))
		f.Add(append(transporttest.Fragments(b[4:], 3), b...), uint64(2), byte(1))
	}
	body := make([]byte, 200)
	f.Add(append(transporttest.Accepted(5, body), transporttest.Accepted(6, body)...), uint64(3), byte(2))
	f.Add(transporttest.OneWay(0, body), uint64(4), byte(3))
	f.Add(transporttest.Record(xdrwire.AppendReject(nil, 1, xdrwire.AuthTooWeak)), uint64(5), byte(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, way byte) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(fuzzSpecs)
		want := w.feed(stream, len(stream), nil)
		w.guards(t)
		if n := cap(w.rx.head); n > 4*maxHeadBytes {
			t.Fatalf("%d bytes for a header", n)
		}
		for i, r := range w.calls {
			if s := fuzzSpecs[i]; s.body && len(r.Body) > s.limit {
				t.Fatalf("a body of %d bytes, allowed %d", len(r.Body), s.limit)
			}
		}
		w = newWorld(fuzzSpecs)
		if diff := cmp.Diff(want, w.feed(stream, 50, rnd)); diff != "" {
			t.Fatal("fed by cuts:", diff)
		}
		all := kernels(rnd)
		w = newWorld(fuzzSpecs)
		if seed%2 == 0 {
			w.shuffle(rnd)
		}
		got := w.receive(t, stream, all[int(way)%len(all)])
		w.guards(t)
		if w.guesses {
			want.Memory = ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("received by %+v: %s", all[int(way)%len(all)], diff)
		}
	})
}
