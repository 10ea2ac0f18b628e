package rpcbind

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

var (
	getPortArgs  = wiretest.NewCodec(AppendGetPortArgs, ParseGetPortArgs, []GetPortArgs{{100003, 3, ProtocolTCP}, {}})
	getPortReply = wiretest.NewCodec(AppendGetPortReply, ParseGetPortReply, []GetPortReply{{2049}, {65535}, {}})
	getAddrArgs  = wiretest.NewCodec(AppendGetAddrArgs, ParseGetAddrArgs, []GetAddrArgs{
		{100003, 3, NetIDTCP6, "::1.8.1", "superuser"},
		{100005, 3, NetIDTCP, strings.Repeat("a", maxStringBytes), ""}, {},
	})
	getAddrReply = wiretest.NewCodec(AppendGetAddrReply, ParseGetAddrReply, []GetAddrReply{{"127.0.0.1.8.1"}, {}})
)

func TestProcedures(t *testing.T) {
	t.Run("GETPORT args", getPortArgs.Check)
	t.Run("GETPORT reply", getPortReply.Check)
	t.Run("GETADDR args", getAddrArgs.Check)
	t.Run("GETADDR reply", getAddrReply.Check)
}

// Round trips cannot see two fields swapped on both sides, so the layouts of
// RFC 1833 §2.1 and §3.1 are spelled out here once each.
func TestLayouts(t *testing.T) {
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"GETPORT args", AppendGetPortArgs(nil, &GetPortArgs{100003, 3, 6}), "000186a3" + "00000003" + "00000006" + "00000000"},
		{"GETPORT reply", AppendGetPortReply(nil, &GetPortReply{2049}), "00000801"},
		{
			"GETADDR args", AppendGetAddrArgs(nil, &GetAddrArgs{100005, 3, "tcp", "a", "bc"}),
			"000186a5" + "00000003" + "00000003" + "74637000" + "00000001" + "61000000" + "00000002" + "62630000",
		},
		{"GETADDR reply", AppendGetAddrReply(nil, &GetAddrReply{"::1.8.1"}), "00000007" + "3a3a312e382e3100"},
	}
	for _, tt := range tests {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestProcedureNumbers(t *testing.T) {
	for vers, p := range map[uint32]xdrwire.Procedure{2: ProcGetPort, 3: ProcGetAddrV3, 4: ProcGetAddrV4} {
		if p != (xdrwire.Procedure{Prog: 100000, Vers: vers, Proc: 3}) {
			t.Errorf("%v, want version %d", p, vers)
		}
	}
}

func TestRefusals(t *testing.T) {
	if _, err := ParseGetPortReply([]byte{0, 1, 0, 0}); !errors.Is(err, ErrPort) {
		t.Errorf("port 65536: %v", err)
	}
	_, err := ParseGetAddrReply([]byte{0, 0, 1, 1})
	var got *xdrwire.LengthError
	if !errors.As(err, &got) {
		t.Fatalf("257 bytes of address: %v", err)
	}
	if diff := cmp.Diff(&xdrwire.LengthError{Length: 257, Max: 256}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzGetPortArgs(f *testing.F)  { getPortArgs.Fuzz(f) }
func FuzzGetPortReply(f *testing.F) { getPortReply.Fuzz(f) }
func FuzzGetAddrArgs(f *testing.F)  { getAddrArgs.Fuzz(f) }
func FuzzGetAddrReply(f *testing.F) { getAddrReply.Fuzz(f) }
