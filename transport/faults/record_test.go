package faults

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// together answers calls when all of them are there.
func together(n int) func(*transporttest.Peer) {
	return func(p *transporttest.Peer) {
		var all []byte
		for _, c := range p.Calls(n) {
			all = append(all, reply(c.XID, c.Args)...)
		}
		p.Write(all)
		p.Hold()
	}
}

func TestReorder(t *testing.T) {
	c, p := through(t, together(6), Options{Script: Always(Fault{Kind: Reorder, At: 1, Records: 2}, Fault{Kind: Reorder, At: 2, Records: 1})})
	r := ask(t, c, 100, 0, 1, 2, 3, 4, 5)
	// The second fault is due when the first is done with.
	expect(t, c, r[0], r[2], r[3], r[1], r[5], r[4])
	if n := p.Stats().Faults[Reorder]; n != 2 {
		t.Errorf("%d reordered", n)
	}
}

// A record that no other overtakes leaves after a while, and the fault waits for
// one that is overtaken.
func TestReorderWaits(t *testing.T) {
	c, p := through(t, echo, Options{Script: Always(Fault{Kind: Reorder, Records: 1})})
	expect(t, c, sum(ask(t, c, 100, 0)))
	expectStats(t, p)
	// The replies to two calls that arrive together come together, but perhaps
	// not within the time on a busy machine.
	for x := uint32(1); p.Stats().Faults[Reorder] == 0 && x < 100; x += 2 {
		r := ask(t, c, 100, x, x+1)
		got := make([]byte, len(sum(r)))
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatal(err)
		}
		if swapped := bytes.Equal(got, append(r[1], r[0]...)); swapped != (p.Stats().Faults[Reorder] == 1) {
			t.Errorf("swapped: %v, counted %d", swapped, p.Stats().Faults[Reorder])
		}
	}
	expectStats(t, p, Reorder)
}

func TestDuplicate(t *testing.T) {
	c, p := through(t, echo, Options{Script: Always(Fault{Kind: Duplicate, At: 10})})
	r := ask(t, c, 100, 0, 1, 2)
	expect(t, c, r[0], r[1], r[1], r[2])
	expectStats(t, p, Duplicate)
}

// lengths are those of procEcho's results.
func lengths(p xdrwire.Procedure, results []byte) []int {
	if p != procEcho || len(results) < 8 {
		return nil
	}
	return []int{0, 4}
}

func TestCorrupt(t *testing.T) {
	const size = 1000
	type words map[int]uint32 // by offset in the record
	const mark = 1<<31 | 24 + 8 + size
	for _, c := range []struct {
		field Field
		salt  uint32
		want  words
	}{
		{FieldXID, 0, words{4: 1<<31 | 7}},
		{FieldMarkLonger, 0, words{0: mark + 1}},
		{FieldMarkLonger, 4099, words{0: mark + 4}},
		{FieldMarkShorter, 0, words{0: 1 << 31}},
		{FieldMarkShorter, 3, words{0: 1<<31 | 3}},
		{FieldMarkShorter, 24 + 8 + size - 1, words{0: mark - 1}},
		{FieldMarkShorter, 24 + 8 + size, words{0: 1 << 31}},
		{FieldMarkZero, 0, words{0: 0}},
		{FieldMarkZero, 1, words{0: 1 << 31}},
		{FieldMarkHuge, 0, words{0: 1<<32 - 1}},
		{FieldMarkOpen, 0, words{0: 24 + 8 + size}},
		{FieldMsgType, 0, words{8: 0}},
		{FieldMsgType, 1, words{8: 2}},
		{FieldReplyStat, 0, words{12: 1}},
		{FieldReplyStat, 1, words{12: 2}},
		{FieldVerifierLength, 4, words{20: 401}},
		{FieldVerifierLength, 1 << 30, words{20: 1 << 30}},
		{FieldAcceptStat, 4, words{24: 5}},
		{FieldLength, 0, words{28: 0}},
		{FieldLength, 1, words{32: 0}},
		{FieldLength, 1 << 8, words{28: size + 1}},
		{FieldLength, 2<<8 | 1, words{32: size - 1}},
		{FieldLength, 6 << 8, words{28: 1<<32 - 1}},
		{FieldPayload, 0, nil},
	} {
		conn, p := through(t, echo, Options{Script: Always(Fault{Kind: Corrupt, At: 1, Field: c.field, Salt: c.salt}), Lengths: lengths})
		r := ask(t, conn, size, 6, 7, 8)
		for at, v := range c.want {
			binary.BigEndian.PutUint32(r[1][at:], v)
		}
		if c.field == FieldPayload {
			r[1][len(r[1])-256] ^= 1
		}
		expect(t, conn, r...)
		expectStats(t, p, Corrupt)
		if s := p.Stats().Corrupt; len(s) != 1 || s[c.field] != 1 {
			t.Errorf("%v: counted %v", c.field, s)
		}
		conn.Close()
		p.Close()
	}
}

// What is not fit for a corruption is left alone, and the next that is has it.
func TestCorruptWaits(t *testing.T) {
	const ours = 5
	good := reply(ours, body(ours, 2000))
	for _, c := range []struct {
		name  string
		field Field
		first []byte
	}{
		{"a call", FieldAcceptStat, transporttest.OneWay(9, make([]byte, 2000))},
		{"a refusal", FieldMsgType, transporttest.Record(xdrwire.AppendReply(nil, ours, xdrwire.GarbageArgs))},
		{"a denial", FieldMarkZero, transporttest.Record(xdrwire.AppendReject(nil, ours, xdrwire.AuthTooWeak))},
		{"an empty record", FieldXID, transporttest.Record()},
		{"three bytes", FieldXID, transporttest.Record([]byte{1, 2, 3})},
		{"an XID that would be one outstanding", FieldXID, reply(ours|1<<31, nil)},
		{"fragments", FieldMarkOpen, transporttest.Fragments(good[4:], 1000)},
		{"no payload", FieldPayload, reply(ours, nil)},
		{"no lengths", FieldLength, reply(ours+1, nil)},
		{"an unknown call", FieldLength, reply(99, body(99, 2000))},
	} {
		conn, p := through(t, func(p *transporttest.Peer) {
			p.Calls(2)
			p.Write(c.first)
			p.Write(good)
			p.Hold()
		}, Options{Script: Always(Fault{Kind: Corrupt, Field: c.field, Salt: 1}), Lengths: lengths})
		ask(t, conn, 0, ours, ours+1)
		expect(t, conn, c.first)
		got := make([]byte, len(good))
		if _, err := io.ReadFull(conn, got); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(got, good) {
			t.Errorf("%s: the next was left alone", c.name)
		}
		expectStats(t, p, Corrupt)
		conn.Close()
		p.Close()
	}
}

// Only the first words of a record are its XID, not those of its other fragments.
func TestXIDsAreRead(t *testing.T) {
	const first, second = 1, 2
	// The second fragment begins with the other call's XID.
	odd := transporttest.Fragments(reply(first, binary.BigEndian.AppendUint32(nil, second))[4:], 24)
	good := reply(second, body(second, 100))
	c, p := through(t, func(p *transporttest.Peer) {
		p.Calls(2)
		p.Write(odd)
		p.Write(good)
		p.Hold()
	}, Options{Script: Always(Fault{Kind: Corrupt, At: 1, Field: FieldLength}), Lengths: lengths})
	ask(t, c, 0, first, second)
	want := bytes.Clone(good)
	binary.BigEndian.PutUint32(want[28:], 0)
	expect(t, c, odd, want)
	expectStats(t, p, Corrupt)
}

// The same seed harms the same connections in the same way, another one not, and
// nothing that cannot be found out is among it.
func TestRandom(t *testing.T) {
	m := Mix{Weights: map[Kind]int{}, Bytes: 1 << 20, For: 1000}
	for _, k := range Kinds() {
		m.Weights[k] = 1
	}
	const count = 2000
	take := func(seed uint64, conn int) (list []Fault) {
		next := Random(seed, m)(conn)
		for range count {
			f, ok := next()
			if !ok {
				t.Fatal("it ends")
			}
			list = append(list, f)
		}
		return list
	}
	one := take(1, 1)
	if !slices.Equal(one, take(1, 1)) {
		t.Error("the same seed and connection gave two scripts")
	}
	if slices.Equal(one, take(1, 2)) || slices.Equal(one, take(2, 1)) {
		t.Error("another seed or connection gave the same script")
	}
	seenKinds, seenFields := make(map[Kind]int), make(map[Field]int)
	at := int64(0)
	for _, f := range one {
		if gap := f.At - at; gap < leastGap || gap > m.Bytes || f.For < 0 || f.For > m.For || f.Bytes < 1 || f.Records < 1 {
			t.Fatalf("%+v after %d", f, at)
		}
		at = f.At
		seenKinds[f.Kind]++
		if f.Kind == Corrupt {
			seenFields[f.Field]++
		}
	}
	if len(seenKinds) != len(Kinds()) || len(seenFields) != len(Fields()) || seenFields[FieldPayload] != 0 {
		t.Errorf("kinds %v, fields %v", seenKinds, seenFields)
	}
	m.Weights = map[Kind]int{Cut: 1}
	for _, f := range take(1, 1) {
		if f.Kind != Cut {
			t.Fatalf("a %v, which has no weight", f.Kind)
		}
	}
	if _, ok := Random(1, Mix{})(0)(); ok {
		t.Error("a mix of nothing has faults")
	}
}
