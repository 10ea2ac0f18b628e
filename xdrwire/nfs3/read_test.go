package nfs3

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire"
)

var readArgs = codecOf(
	func(b []byte, a *ReadArgs) []byte { return AppendReadArgs(b, a.File, a.Offset, a.Count) },
	ParseReadArgs,
	[]ReadArgs{{sampleHandle, 1 << 40, 131072}, {longestHandle, 0, 1}, {}},
)

var readReply = codecOf(
	AppendReadReplyHead,
	func(b []byte) (ReadReply, error) {
		r, _, err := ParseReadReply(b)
		return r, err
	},
	[]ReadReply{
		{Attr: sampleAttr, Count: 4096, Length: 4096},
		{Attr: sampleAttr, Count: 100, EOF: true, Length: 101},
		{Count: 4096, Length: 4096},
		{Status: StatusStale, Attr: sampleAttr},
		{Status: StatusJukebox},
	},
)

func TestRead(t *testing.T) {
	t.Run("args", readArgs.Check)
	t.Run("reply", readReply.Check)
}

// The sizes of the reference notes, each seen on the wire.
func TestSizes(t *testing.T) {
	success := AppendReadReplyHead(nil, &ReadReply{Attr: sampleAttr})
	bare := AppendReadReplyHead(nil, &ReadReply{})
	handle24 := handleOf(string(make([]byte, 24)))
	const before = xdrwire.MarkBytes + xdrwire.MinReplyBytes
	tests := []struct {
		name      string
		got, want int
	}{
		{"READ args, handle of 24 bytes", len(AppendReadArgs(nil, handle24, 0, 0)), 40},
		{"where data starts in the stream", before + len(success), 132},
		{"the same without attributes", before + len(bare), 48},
		{"ReadHeadBytes", ReadHeadBytes, len(success)},
		{"MinReadHeadBytes", MinReadHeadBytes, len(AppendReadReplyHead(nil, &ReadReply{Status: StatusIO}))},
		{"FattrBytes", FattrBytes, len(appendFattr(nil, &Fattr{}))},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %d bytes, want %d", tt.name, tt.got, tt.want)
		}
	}
}

func TestParseReadReplyHead(t *testing.T) {
	tests := []struct {
		name  string
		reply ReadReply
		want  ReadHead
		bytes int
	}{
		{
			"success", ReadReply{Attr: sampleAttr, Count: 4096, EOF: true, Length: 4097},
			ReadHead{Count: 4096, EOF: true, Length: 4097, HasAttr: true, FileSize: 1 << 40}, ReadHeadBytes,
		},
		{
			"success without attributes", ReadReply{Count: 4096, Length: 4097},
			ReadHead{Count: 4096, Length: 4097}, 20,
		},
		{
			"failure", ReadReply{Status: StatusStale, Attr: sampleAttr},
			ReadHead{Status: StatusStale, HasAttr: true, FileSize: 1 << 40}, 92,
		},
		{
			"failure without attributes", ReadReply{Status: StatusStale},
			ReadHead{Status: StatusStale}, MinReadHeadBytes,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := AppendReadReplyHead(nil, &tt.reply)
			for cut := range b {
				want := tt.bytes
				if cut < MinReadHeadBytes {
					want = MinReadHeadBytes
				}
				if _, n, err := ParseReadReplyHead(b[:cut]); err != xdrwire.ErrShort || n != want {
					t.Fatalf("cut at %d: %d bytes needed, %v; want %d", cut, n, err, want)
				}
			}
			// What follows a failure may look like anything.
			r, n, err := ParseReadReplyHead(append(b, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"...))
			if err != nil || n != tt.bytes {
				t.Fatalf("payload at %d, %v; want %d", n, err, tt.bytes)
			}
			if diff := cmp.Diff(tt.want, r); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseReadReplyHeadRefuses(t *testing.T) {
	for name, at := range map[string]int{"attributes_follow": 4, "eof": ReadHeadBytes - 8} {
		b := AppendReadReplyHead(nil, &ReadReply{Attr: sampleAttr})
		b[at] = 0x80
		if _, n, err := ParseReadReplyHead(b); err != xdrwire.ErrBool || n != 0 {
			t.Errorf("%s: %d, %v; want %v", name, n, err, xdrwire.ErrBool)
		}
	}
}

func TestReadHeadCheck(t *testing.T) {
	tests := []struct {
		name  string
		head  ReadHead
		asked uint32
		want  error
	}{
		{"whole", ReadHead{Count: 4096, Length: 4096}, 4096, nil},
		{"short", ReadHead{Count: 10, Length: 10}, 4096, nil},
		{"nothing", ReadHead{}, 4096, nil},
		{"failure", ReadHead{Status: StatusStale}, 4096, nil},
		{"more than asked", ReadHead{Count: 4097, Length: 4097}, 4096, ErrReadLength},
		{"all ones", ReadHead{Count: 0xffffffff, Length: 0xffffffff}, 4096, ErrReadLength},
		{"longer than counted", ReadHead{Count: 10, Length: 11}, 4096, ErrReadLength},
		{"shorter than counted", ReadHead{Count: 10, Length: 9}, 4096, ErrReadLength},
		{"longer than counted and asked", ReadHead{Count: 10, Length: 4097}, 4096, ErrReadLength},
	}
	for _, tt := range tests {
		if err := tt.head.Check(tt.asked); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 512)
	reply := &ReadReply{Attr: sampleAttr, Count: 4096, Length: 4096}
	n := testing.AllocsPerRun(100, func() {
		b := AppendReadArgs(buf, longestHandle, 1, 2)
		if a, err := ParseReadArgs(b); err != nil || a.File != longestHandle {
			t.Error(a, err)
		}
		b = AppendReadReplyHead(buf, reply)
		r, _, err := ParseReadReplyHead(b)
		if err != nil || r.Check(4096) != nil || r.Status.Err() != nil {
			t.Error(r, err)
		}
		if _, _, err := ParseReadReplyHead(b[:20]); err != xdrwire.ErrShort {
			t.Error(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzReadArgs(f *testing.F)  { readArgs.Fuzz(f) }
func FuzzReadReply(f *testing.F) { readReply.Fuzz(f) }

// FuzzReadReplyHead holds the lean reader to the full one.
func FuzzReadReplyHead(f *testing.F) {
	for i := range readReply.Samples {
		b := AppendReadReplyHead(nil, &readReply.Samples[i])
		f.Add(b[:len(b)-1])
		f.Add(append(b, "payload"...))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		head, n, err := ParseReadReplyHead(in)
		switch {
		case err == nil && n > len(in):
			t.Fatalf("head of %d bytes in %d", n, len(in))
		case err == xdrwire.ErrShort && n <= len(in):
			t.Fatalf("%d bytes are needed, %d are there", n, len(in))
		}
		full, m, fullErr := ParseReadReply(in)
		if (err == nil) != (fullErr == nil) {
			t.Fatalf("%v; the full reader: %v", err, fullErr)
		}
		if err != nil {
			return
		}
		want := ReadHead{full.Status, full.Count, full.EOF, full.Length, full.Attr.Present, full.Attr.Attr.Size}
		if n != m || head != want {
			t.Fatalf("%+v at %d; the full reader: %+v at %d", head, n, want, m)
		}
	})
}
