package xdrwire

import (
	"encoding/hex"
	"testing"
)

func TestMark(t *testing.T) {
	tests := []struct {
		n    int
		last bool
		want string
	}{
		{0, false, "00000000"},
		{0, true, "80000000"},
		{4292, true, "800010c4"},
		{4292, false, "000010c4"},
		{MaxFragmentBytes, true, "ffffffff"},
		{MaxFragmentBytes, false, "7fffffff"},
	}
	for _, tt := range tests {
		b := make([]byte, MarkBytes)
		PutMark(b, MakeMark(tt.n, tt.last))
		if got := hex.EncodeToString(b); got != tt.want {
			t.Errorf("%d %v: got %s, want %s", tt.n, tt.last, got, tt.want)
		}
		if m := ParseMark(b); m.Len() != tt.n || m.Last() != tt.last {
			t.Errorf("%s: parsed as %d %v", tt.want, m.Len(), m.Last())
		}
	}
}

func TestMarkPanicsOnLengthItCannotHold(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MakeMark(-1, true)
}

func TestRecordsFollowEachOther(t *testing.T) {
	b, at := BeginRecord(nil)
	b = AppendUint32(b, 7)
	EndRecord(b, at)
	b, at = BeginRecord(b)
	EndRecord(b, at)
	if got, want := hex.EncodeToString(b), "80000004"+"00000007"+"80000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzMark(f *testing.F) {
	f.Add([]byte{0x80, 0, 0x10, 0xc4})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) < MarkBytes {
			return
		}
		m := ParseMark(in)
		if m.Len() < 0 || m.Len() > MaxFragmentBytes {
			t.Fatalf("length %d", m.Len())
		}
		if again := MakeMark(m.Len(), m.Last()); again != m {
			t.Fatalf("%x became %x", m, again)
		}
	})
}
