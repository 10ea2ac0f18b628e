package xdrwire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testProc = Procedure{Prog: 1298437, Vers: 400, Proc: 12}

func TestAppendCall(t *testing.T) {
	got := hex.EncodeToString(AppendCall(nil, 11, testProc, Auth{Flavor: FlavorSys, Body: []byte{1}}))
	want := "0000000b" + "00000000" + "00000002" + "0013d005" + "00000190" + "0000000c" +
		"00000001" + "00000001" + "01000000" + "00000000" + "00000000"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestParseCall(t *testing.T) {
	cred := Auth{Flavor: FlavorGlusterV2, Body: []byte("body!")}
	b := AppendCall(nil, 0xfeedface, testProc, cred)
	head := len(b)
	b = append(b, "args"...)
	h, n, err := ParseCall(b)
	if err != nil {
		t.Fatal(err)
	}
	want := CallHeader{XID: 0xfeedface, Procedure: testProc, Cred: cred, Verf: Auth{Body: []byte{}}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	if n != head {
		t.Errorf("arguments at %d, want %d", n, head)
	}
}

func TestParseMessage(t *testing.T) {
	for msgType, b := range map[uint32][]byte{
		MsgCall:  AppendCall(nil, 5, testProc, AuthNone()),
		MsgReply: AppendReply(nil, 5, Success),
	} {
		if xid, got, err := ParseMessage(b[:8]); xid != 5 || got != msgType || err != nil {
			t.Errorf("got xid %d type %d %v, want type %d", xid, got, err, msgType)
		}
		if _, _, err := ParseMessage(b[:7]); err != ErrShort {
			t.Errorf("seven bytes: %v", err)
		}
	}
}

func TestParseReply(t *testing.T) {
	empty := Auth{Body: []byte{}}
	tests := []struct {
		name string
		in   []byte
		want ReplyHeader
	}{
		{"success", AppendReply(nil, 1, Success), ReplyHeader{XID: 1}},
		{"success with verifier", unhex(t, "00000001"+"00000001"+"00000000"+"00000001"+"00000003"+"aabbcc00"+"00000000"),
			ReplyHeader{XID: 1, Verf: Auth{Flavor: 1, Body: []byte{0xaa, 0xbb, 0xcc}}}},
		{"program unavailable", AppendReply(nil, 2, ProgUnavail), ReplyHeader{XID: 2, Accept: ProgUnavail, Verf: empty}},
		{"version", AppendProgMismatch(nil, 3, 330, 400), ReplyHeader{XID: 3, Accept: ProgMismatch, Low: 330, High: 400, Verf: empty}},
		{"system error", AppendReply(nil, 4, SystemErr), ReplyHeader{XID: 4, Accept: SystemErr, Verf: empty}},
		{"unknown accept_stat", AppendReply(nil, 4, 99), ReplyHeader{XID: 4, Accept: 99, Verf: empty}},
		{"credential", AppendReject(nil, 5, AuthTooWeak), ReplyHeader{XID: 5, Stat: MsgDenied, Reject: AuthError, Auth: AuthTooWeak}},
		{"rpc version", AppendRPCMismatch(nil, 6), ReplyHeader{XID: 6, Stat: MsgDenied, Reject: RPCMismatch, Low: 2, High: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ParseReply(append(tt.in, "results"...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, h); diff != "" {
				t.Error(diff)
			}
			if n != len(tt.in) {
				t.Errorf("results at %d, want %d", n, len(tt.in))
			}
			for cut := range tt.in {
				if _, _, err := ParseReply(tt.in[:cut]); err != ErrShort {
					t.Errorf("cut at %d: %v", cut, err)
				}
			}
		})
	}
}

func TestReplySizes(t *testing.T) {
	if n := len(AppendReply(nil, 1, Success)); n != MinReplyBytes {
		t.Errorf("accepted: %d", n)
	}
	if n := len(AppendReject(nil, 1, AuthFailed)); n != 20 {
		t.Errorf("denied: %d", n)
	}
}

func TestParseRefuses(t *testing.T) {
	parseReply := func(b []byte) (uint32, error) { h, _, err := ParseReply(b); return h.XID, err }
	parseCall := func(b []byte) (uint32, error) { h, _, err := ParseCall(b); return h.XID, err }
	tests := []struct {
		name  string
		parse func([]byte) (uint32, error)
		in    string
		want  error
	}{
		{"callback where a reply was due", parseReply, "0000000900000000", ErrNotReply},
		{"reply of unknown type", parseReply, "0000000900000002", ErrMsgType},
		{"reply_stat 2", parseReply, "000000090000000100000002", ErrReplyStat},
		{"reject_stat 2", parseReply, "00000009000000010000000100000002", ErrRejectStat},
		{"verifier above 400 bytes", parseReply, "0000000900000001000000000000000000000191", &LengthError{401, 400}},
		{"reply where a call was due", parseCall, "0000000900000001", ErrNotCall},
		{"call of unknown type", parseCall, "0000000980000000", ErrMsgType},
		{"rpc version 3", parseCall, "000000090000000000000003", ErrRPCVersion},
		{"credential above 400 bytes", parseCall, "00000009000000000000000200000001000000010000000100000001000001f4", &LengthError{500, 400}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			xid, err := tt.parse(unhex(t, tt.in))
			if err == nil || err.Error() != tt.want.Error() {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if xid != 9 {
				t.Errorf("xid %d", xid)
			}
		})
	}
}

func TestRPCError(t *testing.T) {
	tests := []struct {
		name      string
		reply     []byte
		text      string
		retryable bool
	}{
		{"program", AppendReply(nil, 1, ProgUnavail), "rpc: the server does not serve this program: check host and port", false},
		{"version", AppendProgMismatch(nil, 1, 330, 400), "rpc: the server serves versions 330 to 400 of this program: use one of them", false},
		{"version, none named", AppendProgMismatch(nil, 1, 0, 0), "rpc: the server does not serve this version of the program: ask it which it does", false},
		{"procedure", AppendReply(nil, 1, ProcUnavail), "rpc: the server's program lacks this procedure: use an older way or another version", false},
		{"arguments", AppendReply(nil, 1, GarbageArgs), "rpc: the server could not decode the arguments: the two sides disagree on the protocol", false},
		{"system", AppendReply(nil, 1, SystemErr), "rpc: the server failed for reasons of its own, such as memory: try again later", true},
		{"unknown", AppendReply(nil, 1, 6), "rpc: the server answered with the unknown accept_stat 6", false},
		{"rpc version", AppendRPCMismatch(nil, 1), "rpc: call denied: the server speaks RPC versions 2 to 2, not 2", false},
		{"weak", AppendReject(nil, 1, AuthTooWeak), "rpc: call denied: credential too weak: use a stronger flavour, or have the server accept this one or unprivileged ports", false},
		{"rejected", AppendReject(nil, 1, AuthRejectedCred), "rpc: call denied: credential rejected: begin a new session", false},
		{"gss", AppendReject(nil, 1, 13), "rpc: call denied: auth_stat 13: check the identity used and what the server's export or volume allows", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, _, err := ParseReply(tt.reply)
			if err != nil {
				t.Fatal(err)
			}
			var rpc *RPCError
			if !errors.As(h.Err(), &rpc) {
				t.Fatalf("got %v", h.Err())
			}
			if rpc.Error() != tt.text {
				t.Errorf("\n got %s\nwant %s", rpc, tt.text)
			}
			if rpc.Retryable() != tt.retryable {
				t.Errorf("retryable %v", rpc.Retryable())
			}
		})
	}
	if err := (ReplyHeader{XID: 1}).Err(); err != nil {
		t.Errorf("success: %v", err)
	}
}

func TestHeadersAllocateNothing(t *testing.T) {
	cred := NewAuthSys(0, "host", 0, 0, nil)
	buf := make([]byte, 0, 256)
	reply := AppendReply(nil, 1, Success)
	denied := AppendReject(nil, 1, AuthFailed)
	n := testing.AllocsPerRun(100, func() {
		b, at := BeginRecord(buf)
		b = AppendCall(b, 1, testProc, cred)
		EndRecord(b, at)
		if _, _, err := ParseCall(b[MarkBytes:]); err != nil {
			t.Error(err)
		}
		for _, r := range [][]byte{reply, denied} {
			if _, _, err := ParseReply(r); err != nil {
				t.Error(err)
			}
		}
		if h, _, _ := ParseReply(reply); h.Err() != nil {
			t.Error(h.Err())
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseCall(f *testing.F) {
	f.Add(AppendCall(nil, 1, testProc, AuthNone()))
	f.Add(append(AppendCall(nil, 1, testProc, NewAuthSys(1, "h", 2, 3, []uint32{4})), 1, 2, 3))
	f.Add(AppendReply(nil, 1, Success))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, n, err := ParseCall(in)
		if err != nil {
			if n != 0 {
				t.Fatalf("%v with %d bytes used", err, n)
			}
			return
		}
		if len(h.Cred.Body) > MaxAuthBytes || len(h.Verf.Body) > MaxAuthBytes {
			t.Fatal("oversized credential let through")
		}
		if _, _, err := ParseCall(in[:n-1]); err != ErrShort {
			t.Fatalf("one byte less: %v", err)
		}
		// This package writes empty verifiers only.
		if h.Verf.Flavor != FlavorNone || len(h.Verf.Body) != 0 {
			return
		}
		again, m, err := ParseCall(AppendCall(nil, h.XID, h.Procedure, h.Cred))
		if err != nil || m != n {
			t.Fatalf("%d bytes, again %d, %v", n, m, err)
		}
		if diff := cmp.Diff(h, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseReply(f *testing.F) {
	f.Add(AppendReply(nil, 1, Success))
	f.Add(AppendProgMismatch(nil, 1, 2, 3))
	f.Add(AppendReject(nil, 1, AuthFailed))
	f.Add(AppendRPCMismatch(nil, 1))
	f.Add(AppendCall(nil, 1, testProc, AuthNone()))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, n, err := ParseReply(in)
		if err != nil {
			if n != 0 {
				t.Fatalf("%v with %d bytes used", err, n)
			}
			return
		}
		if n > len(in) {
			t.Fatalf("%d bytes used of %d", n, len(in))
		}
		if _, _, err := ParseReply(in[:n-1]); err != ErrShort {
			t.Fatalf("one byte less: %v", err)
		}
		if h.Verf.Flavor != FlavorNone || len(h.Verf.Body) != 0 {
			return
		}
		if again := encodeReply(h); !bytes.Equal(again, in[:n]) {
			t.Fatalf("read % x, wrote % x", in[:n], again)
		}
	})
}

// encodeReply writes h with the encoder for its status.
func encodeReply(h ReplyHeader) []byte {
	switch {
	case h.Stat == MsgDenied && h.Reject == AuthError:
		return AppendReject(nil, h.XID, h.Auth)
	case h.Stat == MsgDenied:
		b := AppendRPCMismatch(nil, h.XID)
		return AppendUint32(AppendUint32(b[:len(b)-8], h.Low), h.High)
	case h.Accept == ProgMismatch:
		return AppendProgMismatch(nil, h.XID, h.Low, h.High)
	}
	return AppendReply(nil, h.XID, h.Accept)
}
