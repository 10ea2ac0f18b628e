package mount3

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

func handleOf(s string) nfs3.FileHandle {
	h, err := nfs3.NewFileHandle([]byte(s))
	if err != nil {
		panic(err)
	}
	return h
}

var (
	paths    = []PathArgs{{"/export/path"}, {"/a"}, {strings.Repeat("a", maxPathBytes)}, {}}
	mntArgs  = codecOf(AppendMntArgs, ParseMntArgs, paths)
	umntArgs = codecOf(AppendUmntArgs, ParseUmntArgs, paths)
	mntReply = codecOf(AppendMntReply, ParseMntReply, []MntReply{
		{Root: handleOf("\xde\xad\xbe\xef\x01"), Flavors: []uint32{xdrwire.FlavorSys, xdrwire.FlavorNone, 390003}},
		{Root: handleOf(strings.Repeat("\xff", nfs3.MaxFileHandleBytes))},
		{Status: StatusAcces}, {Status: 99},
	})
	exportReply = codecOf(AppendExportReply, ParseExportReply, []ExportReply{
		{Exports: []Export{
			{Dir: "/a", Groups: []string{"10.0.0.0/8", "@trusted"}}, {Dir: "/b"},
			{Dir: "", Groups: []string{""}},
		}},
		{},
	})
)

func TestProcedures(t *testing.T) {
	t.Run("MNT args", mntArgs.Check)
	t.Run("MNT reply", mntReply.Check)
	t.Run("UMNT args", umntArgs.Check)
	t.Run("EXPORT reply", exportReply.Check)
}

// Round trips cannot see two fields swapped on both sides, so the layouts of
// RFC 1813 §5.2 are spelled out here once each.
func TestLayouts(t *testing.T) {
	const no, yes, a, b = "00000000", "00000001", "00000002" + "2f610000", "00000002" + "2f620000"
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"MNT args", AppendMntArgs(nil, &PathArgs{"/a"}), a},
		{"UMNT args", AppendUmntArgs(nil, &PathArgs{"/b"}), b},
		{
			"MNT ok", AppendMntReply(nil, &MntReply{Root: handleOf("\xde\xad\xbe\xef\x01"), Flavors: []uint32{1, 0x5f373}}),
			"00000000" + "00000005" + "deadbeef01000000" + "00000002" + "00000001" + "0005f373",
		},
		{"MNT fail", AppendMntReply(nil, &MntReply{Status: StatusServerFault, Flavors: []uint32{1}}), "00002716"},
		{
			"EXPORT", AppendExportReply(nil, &ExportReply{[]Export{{"/a", []string{"/a", "/b"}}, {"/b", nil}}}),
			yes + a + yes + a + yes + b + no + yes + b + no + no,
		},
		{"EXPORT of nothing", AppendExportReply(nil, &ExportReply{}), no},
	}
	for _, tt := range tests {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestProcedureNumbers(t *testing.T) {
	for want, p := range map[uint32]xdrwire.Procedure{0: ProcNull, 1: ProcMnt, 3: ProcUmnt, 5: ProcExport} {
		if p != (xdrwire.Procedure{Prog: 100005, Vers: 3, Proc: want}) {
			t.Errorf("%v, want procedure %d", p, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"path", second(ParseMntArgs([]byte{2: 4, 3: 1})), &xdrwire.LengthError{Length: 1025, Max: 1024}},
		{"handle", second(ParseMntReply([]byte{7: 65, 99: 0})), &xdrwire.LengthError{Length: 65, Max: 64}},
		{"flavours", second(ParseMntReply([]byte{8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 19: 0})), &FlavorsError{Count: 1<<32 - 1}},
		{"flavours missing", second(ParseMntReply([]byte{11: 5, 19: 0})), xdrwire.ErrShort},
		{"directory", second(ParseExportReply([]byte{3: 1, 6: 4, 7: 1})), &xdrwire.LengthError{Length: 1025, Max: 1024}},
		{"group", second(ParseExportReply([]byte{3: 1, 11: 1, 14: 1, 15: 0})), &xdrwire.LengthError{Length: 256, Max: 255}},
		{"group follows", second(ParseExportReply([]byte{3: 1, 11: 2})), xdrwire.ErrBool},
		{"export follows", second(ParseExportReply([]byte{3: 2})), xdrwire.ErrBool},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.err, errorText); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func second[T any](_ T, err error) error { return err }

var errorText = cmp.Comparer(func(a, b error) bool { return a != nil && b != nil && a.Error() == b.Error() })

func TestStatus(t *testing.T) {
	if err := StatusOK.Err(); err != nil {
		t.Errorf("MNT3_OK: %v", err)
	}
	tests := []struct {
		wire  uint32
		name  string
		errno syscall.Errno
		kind  error
	}{
		{1, "MNT3ERR_PERM", syscall.EPERM, fs.ErrPermission},
		{2, "MNT3ERR_NOENT", syscall.ENOENT, fs.ErrNotExist},
		{5, "MNT3ERR_IO", syscall.EIO, nil},
		{13, "MNT3ERR_ACCES", syscall.EACCES, fs.ErrPermission},
		{20, "MNT3ERR_NOTDIR", syscall.ENOTDIR, nil},
		{22, "MNT3ERR_INVAL", syscall.EINVAL, nil},
		{63, "MNT3ERR_NAMETOOLONG", syscall.ENAMETOOLONG, nil},
		{10004, "MNT3ERR_NOTSUPP", syscall.EOPNOTSUPP, errors.ErrUnsupported},
		{10006, "MNT3ERR_SERVERFAULT", serverFault, nil},
		{3, "mountstat3 3", syscall.EIO, nil},
	}
	for _, tt := range tests {
		err := Status(tt.wire).Err()
		var status *StatusError
		if !errors.As(err, &status) || status.Status != Status(tt.wire) {
			t.Errorf("%d: %v", tt.wire, err)
			continue
		}
		if got := status.Status.String(); got != tt.name || !errors.Is(err, tt.errno) || status.Retryable() {
			t.Errorf("%d is %s, %v, retryable %v; want %s", tt.wire, got, errors.Unwrap(err), status.Retryable(), tt.name)
		}
		for _, kind := range []error{fs.ErrPermission, fs.ErrNotExist, errors.ErrUnsupported} {
			if errors.Is(err, kind) != (kind == tt.kind) {
				t.Errorf("%s and %v: %v", tt.name, kind, errors.Is(err, kind))
			}
		}
	}
	if got, want := StatusAcces.Err().Error(), "mount: permission denied (MNT3ERR_ACCES)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzMntArgs(f *testing.F)     { mntArgs.Fuzz(f) }
func FuzzMntReply(f *testing.F)    { mntReply.Fuzz(f) }
func FuzzUmntArgs(f *testing.F)    { umntArgs.Fuzz(f) }
func FuzzExportReply(f *testing.F) { exportReply.Fuzz(f) }
