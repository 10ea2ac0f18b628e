package gfs

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

var readArgs = codec[ReadArgs]{
	func(vers uint32, b []byte, a *ReadArgs) []byte {
		b = AppendReadArgs(vers, b, a.GFID, a.FD, a.Offset, a.Size, a.Flags)
		if a.Xdata == nil {
			return b
		}
		empty := len(appendXdata(is330(vers), nil, nil))
		return appendXdata(is330(vers), b[:len(b)-empty], a.Xdata)
	},
	ParseReadArgs,
	[]ReadArgs{
		{GFID: GFID{1}, FD: 5, Offset: 1 << 40, Size: 131072, Flags: OpenDirect},
		{FD: AnonymousFD, Xdata: sampleDict},
	},
}

var readReply = codec[ReadReply]{
	AppendReadReply,
	func(vers uint32, b []byte) (ReadReply, error) {
		r, _, err := ParseReadReply(vers, b)
		return r, err
	},
	[]ReadReply{
		{Result: Result{4096, 0}, Stat: sampleIatt, Size: 4096},
		{Result: Result{100, 2}, Stat: sampleIatt, Size: 100, Xdata: sampleDict},
		{Result: failed},
	},
}

func TestRead(t *testing.T) {
	t.Run("args", readArgs.check)
	t.Run("reply", readReply.check)
}

func TestIattRoundTripsWhole(t *testing.T) {
	want := StatReply{Stat: only400(sampleIatt)}
	got, err := ParseStatReply(V400, AppendStatReply(V400, nil, &want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The sizes of the reference notes, each seen on the wire.
func TestSizes(t *testing.T) {
	tests := []struct {
		name      string
		got, want int
	}{
		{"READ args 400", len(AppendReadArgs(V400, nil, GFID{}, 0, 0, 0, 0)), 52},
		{"READ reply 400", xdrwire.MinReplyBytes + len(AppendReadReply(V400, nil, &ReadReply{})), 196},
		{"READ reply 330 and its mark", xdrwire.MarkBytes + xdrwire.MinReplyBytes + len(AppendReadReply(V330, nil, &ReadReply{})), 144},
		{"OPEN reply 400", xdrwire.MinReplyBytes + len(AppendOpenReply(V400, nil, &OpenReply{})), 52},
		{"PING reply", xdrwire.MinReplyBytes + len(AppendPingReply(nil, &PingReply{})), 36},
		{"ReadHeadBytesV400", ReadHeadBytesV400, len(AppendReadReply(V400, nil, &ReadReply{}))},
		{"ReadHeadBytesV330", ReadHeadBytesV330, len(AppendReadReply(V330, nil, &ReadReply{}))},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %d bytes, want %d", tt.name, tt.got, tt.want)
		}
	}
}

// The head a real brick sent comes out of the server's encoder byte for byte.
func TestReadReplyAsBricksSendIt(t *testing.T) {
	frame := wiretest.ReadHex(t, "testdata/read-400-reply-4k.hex")
	want := frame[:xdrwire.MarkBytes+xdrwire.MinReplyBytes+ReadHeadBytesV400]
	r, n, err := ParseReadReply(V400, frame[xdrwire.MarkBytes+xdrwire.MinReplyBytes:])
	if err != nil || n != ReadHeadBytesV400 {
		t.Fatalf("head of %d bytes, %v", n, err)
	}
	got, at := xdrwire.BeginRecord(nil)
	got = xdrwire.AppendReply(got, 11, xdrwire.Success)
	got = AppendReadReply(V400, got, &r)
	headBytes := len(got)
	got = append(got, make([]byte, r.Size)...)
	xdrwire.EndRecord(got, at)
	if !bytes.Equal(got[:headBytes], want) {
		t.Errorf("\n got %x\nwant %x", got[:headBytes], want)
	}
}

func TestParseReadReplyHead(t *testing.T) {
	stat := Iatt{Size: 300000, Mode: 0o100644}
	wantHead := ReadHead{Ret: 4096, Errno: 2, Size: 4096, Mode: 0o100644, FileSize: 300000}
	for _, tt := range []struct {
		name  string
		vers  uint32
		xdata Dict
		fixed int
	}{
		{"400", V400, nil, ReadHeadBytesV400},
		{"400 with xdata", V400, sampleDict, ReadHeadBytesV400},
		{"330", V330, nil, ReadHeadBytesV330},
		{"330 with xdata", V330, sampleDict, ReadHeadBytesV330},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := AppendReadReply(tt.vers, nil, &ReadReply{Result: Result{4096, 2}, Stat: stat, Size: 4096, Xdata: tt.xdata})
			for cut := range b {
				want := tt.fixed
				if cut >= tt.fixed {
					want = len(b)
				}
				if _, n, err := ParseReadReplyHead(tt.vers, b[:cut]); err != xdrwire.ErrShort || n != want {
					t.Fatalf("cut at %d: %d bytes needed, %v; want %d", cut, n, err, want)
				}
			}
			r, n, err := ParseReadReplyHead(tt.vers, append(b, "payload"...))
			if err != nil || n != len(b) {
				t.Fatalf("payload at %d, %v; want %d", n, err, len(b))
			}
			if diff := cmp.Diff(wantHead, r); diff != "" {
				t.Error(diff)
			}
			if !r.EOF() || r.Result().Err() != nil {
				t.Errorf("EOF %v, %v", r.EOF(), r.Result().Err())
			}
		})
	}
}

func TestParseReadReplyHeadRefuses(t *testing.T) {
	tests := []struct {
		name string
		vers uint32
		dict uint32
		want error
	}{
		{"400 huge", V400, maxDictBytes + 4, &xdrwire.LengthError{Length: maxDictBytes + 4, Max: maxDictBytes}},
		{"400 all ones", V400, 0xfffffffc, &xdrwire.LengthError{Length: 0xfffffffc, Max: maxDictBytes}},
		{"400 unaligned", V400, 5, ErrDict},
		{"330 huge", V330, 0xffffffff, &xdrwire.LengthError{Length: 0xffffffff, Max: maxDictBytes}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := AppendReadReply(tt.vers, nil, &ReadReply{})
			at := readDictSize
			if tt.vers == V330 {
				at = readXdataLength
			}
			b = append(xdrwire.AppendUint32(b[:at:at], tt.dict), b[at+4:]...)
			if _, n, err := ParseReadReplyHead(tt.vers, b); err == nil || err.Error() != tt.want.Error() || n != 0 {
				t.Errorf("%d, %v; want %v", n, err, tt.want)
			}
		})
	}
}

func TestReadHeadCheck(t *testing.T) {
	tests := []struct {
		name    string
		head    ReadHead
		asked   uint32
		payload int
		want    error
	}{
		{"whole", ReadHead{Ret: 4096, Size: 4096}, 4096, 4096, nil},
		{"short", ReadHead{Ret: 10, Size: 10}, 4096, 10, nil},
		{"nothing", ReadHead{}, 4096, 0, nil},
		{"failure", ReadHead{Ret: -1, Errno: 9}, 4096, 0, nil},
		{"more than asked", ReadHead{Ret: 4097, Size: 4097}, 4096, 4097, ErrReadLength},
		{"record longer than stated", ReadHead{Ret: 10, Size: 10}, 4096, 11, ErrReadLength},
		{"record shorter than stated", ReadHead{Ret: 10, Size: 10}, 4096, 9, ErrReadLength},
		{"two lengths", ReadHead{Ret: 10, Size: 11}, 4096, 10, ErrReadLength},
		{"failure with payload", ReadHead{Ret: -1}, 4096, 1, ErrReadLength},
		{"failure with size", ReadHead{Ret: -1, Size: 0xffffffff}, 4096, 0, ErrReadLength},
	}
	for _, tt := range tests {
		if err := tt.head.Check(tt.asked, tt.payload); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	gfid := GFID{1, 2, 3}
	buf := make([]byte, 0, 512)
	reply := &ReadReply{Result: Result{4096, 0}, Stat: sampleIatt, Size: 4096}
	for _, vers := range versions {
		n := testing.AllocsPerRun(100, func() {
			b := AppendReadArgs(vers, buf, gfid, AnonymousFD, 1, 2, 3)
			if a, err := ParseReadArgs(vers, b); err != nil || a.Offset != 1 {
				t.Error(a, err)
			}
			b = AppendReadReply(vers, buf, reply)
			r, _, err := ParseReadReplyHead(vers, b)
			if err != nil || r.Check(4096, 4096) != nil || r.Result().Err() != nil {
				t.Error(r, err)
			}
			if _, _, err := ParseReadReplyHead(vers, b[:20]); err != xdrwire.ErrShort {
				t.Error(err)
			}
		})
		if n != 0 {
			t.Errorf("version %d: %v allocations", vers, n)
		}
	}
}

func FuzzReadArgs(f *testing.F)  { readArgs.fuzz(f) }
func FuzzReadReply(f *testing.F) { readReply.fuzz(f) }

// FuzzReadReplyHead holds the lean reader to the full one.
func FuzzReadReplyHead(f *testing.F) {
	for _, vers := range versions {
		for i := range readReply.samples {
			f.Add(vers == V330, append(AppendReadReply(vers, nil, &readReply.samples[i]), "payload"...))
		}
	}
	f.Fuzz(func(t *testing.T, v330 bool, in []byte) {
		vers := uint32(V400)
		if v330 {
			vers = V330
		}
		head, n, err := ParseReadReplyHead(vers, in)
		switch {
		case err == nil && n > len(in):
			t.Fatalf("head of %d bytes in %d", n, len(in))
		case err == xdrwire.ErrShort && n <= len(in):
			t.Fatalf("%d bytes are needed, %d are there", n, len(in))
		}
		full, m, fullErr := ParseReadReply(vers, in)
		if fullErr != nil {
			return
		}
		want := ReadHead{full.Ret, full.Errno, full.Size, full.Stat.Mode, full.Stat.Size}
		if err != nil || n != m || head != want {
			t.Fatalf("%+v at %d, %v; the full reader: %+v at %d", head, n, err, want, m)
		}
	})
}
