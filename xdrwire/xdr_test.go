package xdrwire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppend(t *testing.T) {
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"uint32", AppendUint32(nil, 0xfffefdfc), "fffefdfc"},
		{"int32", AppendInt32(nil, -2), "fffffffe"},
		{"uint64", AppendUint64(nil, 0xcaed), "000000000000caed"},
		{"int64", AppendInt64(nil, -2), "fffffffffffffffe"},
		{"true", AppendBool(nil, true), "00000001"},
		{"false", AppendBool(nil, false), "00000000"},
		{"opaque empty", AppendOpaque(nil, nil), "00000000"},
		{"opaque 1", AppendOpaque(nil, []byte{9}), "0000000109000000"},
		{"opaque 4", AppendOpaque(nil, []byte{1, 2, 3, 4}), "0000000401020304"},
		{"opaque 5", AppendOpaque(nil, []byte{1, 2, 3, 4, 5}), "000000050102030405000000"},
		{"fixed 3", AppendFixed(nil, []byte{1, 2, 3}), "01020300"},
		{"fixed 16", AppendFixed(nil, bytes.Repeat([]byte{7}, 16)), "07070707070707070707070707070707"},
		{"string", AppendString(nil, "vol0x"), "00000005766f6c3078000000"},
		{"keeps what is there", AppendUint32([]byte{0xaa}, 1), "aa00000001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := hex.EncodeToString(tt.got); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDecoderReadsWhatAppendWrote(t *testing.T) {
	b := AppendUint32(nil, math.MaxUint32)
	b = AppendInt32(b, math.MinInt32)
	b = AppendUint64(b, math.MaxUint64)
	b = AppendInt64(b, math.MinInt64)
	b = AppendBool(b, true)
	b = AppendFixed(b, []byte("abcde"))
	b = AppendOpaque(b, []byte("xyz"))
	b = AppendString(b, "name")
	b = append(b, "tail"...)

	d := NewDecoder(b)
	type values struct {
		U32    uint32
		I32    int32
		U64    uint64
		I64    int64
		B      bool
		F, O   string
		S      string
		Offset int
		Left   int
	}
	got := values{
		d.Uint32(), d.Int32(), d.Uint64(), d.Int64(), d.Bool(),
		string(d.Fixed(5)), string(d.Opaque(3)), d.String(4), d.Offset(), d.Remaining(),
	}
	want := values{
		math.MaxUint32, math.MinInt32, math.MaxUint64, math.MinInt64, true,
		"abcde", "xyz", "name", len(b) - 4, 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	d.Skip(4)
	if d.Err() != nil || d.Remaining() != 0 {
		t.Errorf("at the end: %v, %d bytes left", d.Err(), d.Remaining())
	}
}

func TestDecoderFailures(t *testing.T) {
	tests := []struct {
		name string
		in   string
		read func(*Decoder)
		want error
	}{
		{"uint32 short", "000000", func(d *Decoder) { d.Uint32() }, ErrShort},
		{"uint64 short", "00000000000000", func(d *Decoder) { d.Uint64() }, ErrShort},
		{"bool two", "00000002", func(d *Decoder) { d.Bool() }, ErrBool},
		{"fixed short", "0102", func(d *Decoder) { d.Fixed(3) }, ErrShort},
		{"fixed lacks padding", "010203", func(d *Decoder) { d.Fixed(3) }, ErrShort},
		{"fixed negative", "01020304", func(d *Decoder) { d.Fixed(-1) }, ErrNegative},
		{"fixed huge", "01020304", func(d *Decoder) { d.Fixed(math.MaxInt) }, ErrShort},
		{"skip negative", "01020304", func(d *Decoder) { d.Skip(-1) }, ErrNegative},
		{"skip past the end", "01020304", func(d *Decoder) { d.Skip(5) }, ErrShort},
		{"opaque length short", "0000", func(d *Decoder) { d.Opaque(9) }, ErrShort},
		{"opaque short", "0000000501020304", func(d *Decoder) { d.Opaque(9) }, ErrShort},
		{"opaque lacks padding", "000000050102030405", func(d *Decoder) { d.Opaque(9) }, ErrShort},
		{"opaque too long", "0000000501", func(d *Decoder) { d.Opaque(4) }, &LengthError{5, 4}},
		{"opaque longest", "ffffffff", func(d *Decoder) { d.Opaque(math.MaxInt32) }, &LengthError{math.MaxUint32, math.MaxInt32}},
		{"opaque negative limit", "00000000", func(d *Decoder) { d.Opaque(-1) }, &LengthError{0, -1}},
		{"string too long", "0000000501", func(d *Decoder) { d.String(4) }, &LengthError{5, 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecoder(unhex(t, tt.in))
			tt.read(&d)
			var long *LengthError
			if errors.As(tt.want, &long) {
				var got *LengthError
				if !errors.As(d.Err(), &got) || *got != *long {
					t.Fatalf("got %v, want %v", d.Err(), tt.want)
				}
			} else if d.Err() != tt.want {
				t.Fatalf("got %v, want %v", d.Err(), tt.want)
			}
			if d.Offset() != 0 {
				t.Errorf("a failed read moved to %d", d.Offset())
			}
			first := d.Err().Error()
			if d.Uint32() != 0 || d.Uint64() != 0 || d.Bool() || d.Fixed(0) != nil || d.Opaque(99) != nil {
				t.Error("a read after a failure gave a value")
			}
			if d.Err().Error() != first {
				t.Errorf("the first error %q gave way to %q", first, d.Err())
			}
		})
	}
}

func TestDecodedSlicesAliasAndDoNotGrow(t *testing.T) {
	b := AppendUint32(AppendOpaque(nil, []byte{1, 2, 3, 4}), 5)
	d := NewDecoder(b)
	p := d.Opaque(4)
	if &p[0] != &b[4] {
		t.Error("Opaque copied")
	}
	_ = append(p, 0xff)
	if v := d.Uint32(); v != 5 {
		t.Errorf("appending to a result overwrote the input: %d", v)
	}
}

func TestCodecAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 256)
	body := []byte("opaque body")
	short := errors.New("")
	n := testing.AllocsPerRun(100, func() {
		b := AppendUint32(buf, 1)
		b = AppendUint64(b, 2)
		b = AppendBool(b, true)
		b = AppendOpaque(b, body)
		b = AppendString(b, "s")
		d := NewDecoder(b)
		d.Uint32()
		d.Uint64()
		d.Bool()
		d.Opaque(64)
		d.Opaque(1)
		d.Skip(100)
		short = d.Err()
	})
	if n != 0 || short != ErrShort {
		t.Errorf("%v allocations, error %v", n, short)
	}
}

// FuzzDecoder runs a script of reads over the input and checks each against
// what the encoders make of the value read.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4}, AppendOpaque(AppendString(AppendBool(AppendUint64(AppendUint32(nil, 1), 2), true), "abc"), []byte("de")))
	f.Add([]byte{4, 4}, []byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, script, in []byte) {
		const max = 64
		d := NewDecoder(in)
		for _, op := range script {
			start := d.Offset()
			var again []byte
			padded := 0
			switch op % 6 {
			case 0:
				again = AppendUint32(nil, d.Uint32())
			case 1:
				again = AppendUint64(nil, d.Uint64())
			case 2:
				again = AppendBool(nil, d.Bool())
			case 3:
				s := d.String(max)
				again, padded = AppendString(nil, s), padBytes(len(s))
			case 4:
				p := d.Opaque(max)
				if len(p) > max {
					t.Fatalf("%d bytes returned above the limit", len(p))
				}
				again, padded = AppendOpaque(nil, p), padBytes(len(p))
			case 5:
				p := d.Fixed(int(op))
				again, padded = AppendFixed(nil, p), padBytes(len(p))
			}
			if d.Err() != nil {
				if d.Offset() != start {
					t.Fatal("a failed read moved")
				}
				break
			}
			read := in[start:d.Offset()]
			if len(again) != len(read) || !bytes.Equal(again[:len(again)-padded], read[:len(read)-padded]) {
				t.Fatalf("read % x, wrote % x", read, again)
			}
		}
		if d.Offset()+d.Remaining() != len(in) {
			t.Fatalf("offset %d and remaining %d of %d", d.Offset(), d.Remaining(), len(in))
		}
	})
}
