package gfs

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// allTypes has one value of each type.
var allTypes = Dict{
	{"int", IntValue(-2)},
	{"uint", UintValue(1 << 63)},
	{"double", Value{Type: TypeDouble, Num: 0x3ff8000000000000}},
	{"str", StringValue("text")},
	{"ptr", BytesValue([]byte{1, 2, 3, 4, 5})},
	{"old", Value{Type: TypeStrOld, Bytes: []byte{6}}},
	{"uuid", Value{Type: TypeUUID, Bytes: RootGFID[:]}},
	{"iatt", Value{Type: TypeIatt, Bytes: bytes.Repeat([]byte{7}, 148)}},
	{"mdata", Value{Type: TypeMdata, Bytes: bytes.Repeat([]byte{8}, 36)}},
	{"", IntValue(0)},
}

func TestDictRoundTrip(t *testing.T) {
	for _, want := range []Dict{nil, {}, allTypes, sampleDict} {
		b := AppendDict(nil, want)
		got, n, err := ParseDict(append(b, "next"...))
		if err != nil || n != len(b) {
			t.Fatalf("%d of %d bytes, %v", n, len(b), err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDictLayout(t *testing.T) {
	tests := []struct {
		name string
		dict Dict
		want string
	}{
		{"none", nil, "00000000" + "ffffffff" + "00000000"},
		{"empty", Dict{}, "00000000" + "00000000" + "00000000"},
		{"uint", Dict{{"abc", UintValue(256)}}, "00000014" + "00000001" + "00000001" + "00000004" + "61626300" + "00000003" + "0000000000000100"},
		{"string", Dict{{"abcd", StringValue("x")}}, "00000018" + "00000001" + "00000001" + "00000005" + "6162636400000000" + "00000005" + "00000002" + "78000000"},
	}
	for _, tt := range tests {
		if got := hex.EncodeToString(AppendDict(nil, tt.dict)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestParseDictRefuses(t *testing.T) {
	const pair = "00000002" + "61000000" + "00000003" + "0000000000000001" // 20 bytes
	tests := []struct {
		name, in string
		want     error
	}{
		{"cut in the fixed part", "0000000000000000", xdrwire.ErrShort},
		{"cut in the pairs", "00000014" + "00000001" + "00000001" + pair[:20], xdrwire.ErrShort},
		{"counts differ", "00000014" + "00000001" + "00000002" + pair, ErrDict},
		{"none, but with pairs", "00000014" + "ffffffff" + "00000001" + pair, ErrDict},
		{"negative count", "00000000" + "fffffffe" + "fffffffe", ErrDict},
		{"unaligned size", "00000015" + "00000001" + "00000001" + pair + "00000000", ErrDict},
		{"size above the pairs", "00000018" + "00000001" + "00000001" + pair + "00000000", ErrDict},
		{"pair beyond the size", "00000010" + "00000001" + "00000001" + pair, ErrDict},
		{"type beyond the size", "00000010" + "00000001" + "00000001" + "0000000c" + "616161616161616161616100" + "00000003", ErrDict},
		{"more pairs than fit", "00000014" + "7fffffff" + "7fffffff" + pair, ErrDict},
		{"huge size", "fffffffc" + "00000001" + "00000001" + pair, &xdrwire.LengthError{Length: 0xfffffffc, Max: maxDictBytes}},
		{"unknown type", "00000014" + "00000001" + "00000001" + "00000002" + "61000000" + "0000000a" + "0000000000000001", &DataTypeError{Type: 10}},
		{"key without NUL", "00000014" + "00000001" + "00000001" + "00000002" + "61620000" + "00000003" + "0000000000000001", ErrDict},
		{"key with NUL inside", "00000014" + "00000001" + "00000001" + "00000003" + "61006200" + "00000003" + "0000000000000001", ErrDict},
		{"empty key opaque", "00000010" + "00000001" + "00000001" + "00000000" + "00000003" + "0000000000000001", ErrDict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, err := hex.DecodeString(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			m, n, err := ParseDict(in)
			if err == nil || err.Error() != tt.want.Error() || n != 0 || m != nil {
				t.Errorf("got %v %d %v, want %v", m, n, err, tt.want)
			}
		})
	}
}

func TestLegacyDict(t *testing.T) {
	b := AppendLegacyDict(nil, Dict{{"min-op-version", IntValue(1)}, {"k", StringValue("v")}})
	want := "00000002" +
		"0000000e" + "00000002" + hex.EncodeToString([]byte("min-op-version\x001\x00")) +
		"00000001" + "00000002" + hex.EncodeToString([]byte("k\x00v\x00"))
	if got := hex.EncodeToString(b); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	m, err := ParseLegacyDict(b)
	if err != nil {
		t.Fatal(err)
	}
	parsed := Dict{
		{"min-op-version", Value{Type: TypeStrOld, Bytes: []byte("1\x00")}},
		{"k", Value{Type: TypeStrOld, Bytes: []byte("v\x00")}},
	}
	if diff := cmp.Diff(parsed, m); diff != "" {
		t.Error(diff)
	}
	for cut := range b {
		if _, err := ParseLegacyDict(b[:cut]); err != ErrDict {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

func TestLegacyDictSpellsNumbers(t *testing.T) {
	for want, v := range map[string]Value{
		"-9223372036854775808\x00": IntValue(-1 << 63),
		"18446744073709551615\x00": UintValue(1<<64 - 1),
		"1.500000\x00":             {Type: TypeDouble, Num: 0x3ff8000000000000},
	} {
		if got := string(v.legacyBytes()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestParseLegacyDictRefuses(t *testing.T) {
	tests := []struct{ name, in string }{
		{"nothing", ""},
		{"count above what fits", "ffffffff" + "0000000000000000" + "00"},
		{"key beyond the end", "00000001" + "ffffffff" + "00000000" + "00"},
		{"value beyond the end", "00000001" + "00000000" + "ffffffff" + "00"},
		{"both lengths at their most", "00000001" + "ffffffff" + "ffffffff" + "00"},
		{"no NUL after the key", "00000001" + "00000001" + "00000000" + "6162"},
		{"NUL inside the key", "00000001" + "00000001" + "00000000" + "0000"},
	}
	for _, tt := range tests {
		in, err := hex.DecodeString(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := ParseLegacyDict(in); err != ErrDict {
			t.Errorf("%s: got %v, %v", tt.name, m, err)
		}
	}
}

func TestDictGet(t *testing.T) {
	m := Dict{{"a", IntValue(1)}, {"b", IntValue(2)}, {"b", IntValue(3)}}
	if v, ok := m.Get("b"); !ok || v.Num != 2 {
		t.Errorf("b: %v %v", v, ok)
	}
	if v, ok := m.Get("c"); ok {
		t.Errorf("c: %v", v)
	}
}

func TestValueInt(t *testing.T) {
	tests := []struct {
		name string
		v    Value
		want int64
		ok   bool
	}{
		{"int", IntValue(-5), -5, true},
		{"uint", UintValue(5), 5, true},
		{"uint above int64", UintValue(1 << 63), -1 << 63, false},
		{"text", StringValue("-42"), -42, true},
		{"text without NUL", BytesValue([]byte("7")), 7, true},
		{"no number", StringValue("x"), 0, false},
		{"uuid", Value{Type: TypeUUID, Bytes: RootGFID[:]}, 0, false},
	}
	for _, tt := range tests {
		n, ok := tt.v.Int()
		if ok != tt.ok || ok && n != tt.want {
			t.Errorf("%s: %d %v, want %d %v", tt.name, n, ok, tt.want, tt.ok)
		}
	}
}

func TestValueText(t *testing.T) {
	if got := StringValue("volume").Text(); got != "volume" {
		t.Errorf("got %q", got)
	}
}

func TestGFIDString(t *testing.T) {
	g := GFID{0xbe, 0x31, 0x86, 0x38, 0xe8, 0xa0, 0x4c, 0x6d, 0x97, 0x7d, 0x93, 0x7a, 0x93, 0x7a, 0x48, 0x06}
	if got, want := g.String(), "be318638-e8a0-4c6d-977d-937a937a4806"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := RootGFID.String(); strings.Trim(got, "0-") != "1" || len(got) != 36 {
		t.Errorf("root is %s", got)
	}
}

// FuzzDict checks that whatever is accepted is rebuilt byte for byte, but for
// the padding.
func FuzzDict(f *testing.F) {
	f.Add(AppendDict(nil, nil))
	f.Add(AppendDict(nil, Dict{}))
	f.Add(append(AppendDict(nil, allTypes), 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, n, err := ParseDict(in)
		if err != nil {
			return
		}
		b := AppendDict(nil, m)
		if n > len(in) || len(b) != n {
			t.Fatalf("%d of %d bytes read, %d written", n, len(in), len(b))
		}
		again, _, err := ParseDict(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Fatal(diff)
		}
		if _, _, err := ParseDict(in[:n-1]); !errors.Is(err, xdrwire.ErrShort) {
			t.Fatalf("one byte less: %v", err)
		}
	})
}

// FuzzLegacyDict checks that whatever is accepted is rebuilt byte for byte.
func FuzzLegacyDict(f *testing.F) {
	f.Add(AppendLegacyDict(nil, Dict{}))
	f.Add(AppendLegacyDict(nil, allTypes))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := ParseLegacyDict(in)
		if err != nil {
			return
		}
		if b := AppendLegacyDict(nil, m); !bytes.HasPrefix(in, b) {
			t.Fatalf("read % x, wrote % x", in, b)
		}
	})
}
