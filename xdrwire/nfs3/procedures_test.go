package nfs3

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire"
)

var (
	sampleHandle  = handleOf("\xde\xad\xbe\xef\x01")
	longestHandle = handleOf(string(make([]byte, MaxFileHandleBytes-1)) + "\xff")
)

func handleOf(s string) FileHandle {
	h, err := NewFileHandle([]byte(s))
	if err != nil {
		panic(err)
	}
	return h
}

// sampleAttr fills every field with a value of its own.
var sampleAttr = OptionalFattr{Present: true, Attr: Fattr{
	Type: TypeRegular, Mode: 0o644, Nlink: 3, UID: 4, GID: 5, Size: 1 << 40, Used: 7,
	Rdev: Device{8, 9}, FSID: 10, FileID: 0x1122334455667788,
	Atime: Timestamp{12, 13}, Mtime: Timestamp{14, 15}, Ctime: Timestamp{0xffffffff, 17},
}}

var sampleEntries = []DirEntry{
	{FileID: 1, Name: ".", Cookie: 2, Attr: sampleAttr, Handle: OptionalHandle{true, longestHandle}},
	{FileID: 3, Name: "a name", Cookie: 1 << 63},
	{FileID: 4, Name: "", Cookie: 5, Handle: OptionalHandle{true, FileHandle{}}},
}

func entriesOf(entries ...DirEntry) (l DirEntries) {
	for i := range entries {
		l.Add(&entries[i])
	}
	return l
}

var (
	getattrArgs  = codecOf(AppendGetattrArgs, ParseGetattrArgs, []GetattrArgs{{sampleHandle}, {longestHandle}, {}})
	getattrReply = codecOf(AppendGetattrReply, ParseGetattrReply, []GetattrReply{
		{Attr: sampleAttr.Attr}, {Status: StatusStale},
	})
	lookupArgs = codecOf(AppendLookupArgs, ParseLookupArgs, []LookupArgs{
		{sampleHandle, "disk.img"}, {longestHandle, ""},
	})
	lookupReply = codecOf(AppendLookupReply, ParseLookupReply, []LookupReply{
		{Object: sampleHandle, Attr: sampleAttr, DirAttr: sampleAttr}, {Object: longestHandle},
		{Status: StatusNoEnt, DirAttr: sampleAttr}, {Status: StatusNoEnt},
	})
	accessArgs = codecOf(AppendAccessArgs, ParseAccessArgs, []AccessArgs{
		{sampleHandle, AccessRead | AccessExecute}, {},
	})
	accessReply = codecOf(AppendAccessReply, ParseAccessReply, []AccessReply{
		{Attr: sampleAttr, Access: AccessRead}, {Access: AccessLookup},
		{Status: StatusAcces, Attr: sampleAttr}, {Status: 99},
	})
	readlinkArgs  = codecOf(AppendReadlinkArgs, ParseReadlinkArgs, []ReadlinkArgs{{sampleHandle}, {}})
	readlinkReply = codecOf(AppendReadlinkReply, ParseReadlinkReply, []ReadlinkReply{
		{Attr: sampleAttr, Path: "../other"}, {},
		{Status: StatusInval, Attr: sampleAttr}, {Status: StatusInval},
	})
	readdirplusArgs = codecOf(AppendReaddirplusArgs, ParseReaddirplusArgs, []ReaddirplusArgs{
		{sampleHandle, 1 << 63, CookieVerifier{1, 2, 7: 8}, 1 << 13, 1 << 20}, {},
	})
	readdirplusReply = codecOf(AppendReaddirplusReply, ParseReaddirplusReply, []ReaddirplusReply{
		{DirAttr: sampleAttr, Verifier: CookieVerifier{1, 2, 7: 8}, Entries: entriesOf(sampleEntries...), EOF: true},
		{Entries: entriesOf(sampleEntries[1])}, {},
		{Status: StatusBadCookie, DirAttr: sampleAttr}, {Status: StatusNotSupp},
	})
	fsinfoArgs  = codecOf(AppendFsinfoArgs, ParseFsinfoArgs, []FsinfoArgs{{sampleHandle}, {}})
	fsinfoReply = codecOf(AppendFsinfoReply, ParseFsinfoReply, []FsinfoReply{
		{
			Attr: sampleAttr, ReadMax: 1, ReadPref: 2, ReadMult: 3, WriteMax: 4, WritePref: 5, WriteMult: 6, DirPref: 7,
			MaxFileSize: 8, TimeDelta: Timestamp{9, 10}, Properties: FSLink | FSSymlink | FSHomogeneous | FSCanSetTime,
		},
		{}, {Status: StatusServerFault, Attr: sampleAttr}, {Status: StatusServerFault},
	})
)

func TestProcedures(t *testing.T) {
	t.Run("GETATTR args", getattrArgs.Check)
	t.Run("GETATTR reply", getattrReply.Check)
	t.Run("LOOKUP args", lookupArgs.Check)
	t.Run("LOOKUP reply", lookupReply.Check)
	t.Run("ACCESS args", accessArgs.Check)
	t.Run("ACCESS reply", accessReply.Check)
	t.Run("READLINK args", readlinkArgs.Check)
	t.Run("READLINK reply", readlinkReply.Check)
	t.Run("READDIRPLUS args", readdirplusArgs.Check)
	t.Run("READDIRPLUS reply", readdirplusReply.Check)
	t.Run("FSINFO args", fsinfoArgs.Check)
	t.Run("FSINFO reply", fsinfoReply.Check)
}

// Round trips cannot see two fields swapped on both sides, so the layouts of
// RFC 1813 §3.3 are spelled out here once each.
func TestLayouts(t *testing.T) {
	const (
		no, yes = "00000000", "00000001"
		ok      = "00000000"
		stale   = "00000046"
		handle  = "00000005" + "deadbeef01000000"
		name    = "00000001" + "61000000"
		fattr   = "00000001" + "000001a4" + "00000003" + "00000004" + "00000005" +
			"0000010000000000" + "0000000000000007" + "00000008" + "00000009" +
			"000000000000000a" + "1122334455667788" +
			"0000000c" + "0000000d" + "0000000e" + "0000000f" + "ffffffff" + "00000011"
		verf = "0102030405060708"
	)
	verifier := CookieVerifier{1, 2, 3, 4, 5, 6, 7, 8}
	entries := entriesOf(
		DirEntry{FileID: 0x11, Name: "a", Cookie: 0x12, Attr: sampleAttr, Handle: OptionalHandle{true, sampleHandle}},
		DirEntry{FileID: 0x13, Name: "a", Cookie: 0x14},
	)
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"GETATTR args", AppendGetattrArgs(nil, &GetattrArgs{sampleHandle}), handle},
		{"GETATTR ok", AppendGetattrReply(nil, &GetattrReply{Attr: sampleAttr.Attr}), ok + fattr},
		{"GETATTR fail", AppendGetattrReply(nil, &GetattrReply{Status: StatusStale, Attr: sampleAttr.Attr}), stale},
		{"LOOKUP args", AppendLookupArgs(nil, &LookupArgs{sampleHandle, "a"}), handle + name},
		{
			"LOOKUP ok", AppendLookupReply(nil, &LookupReply{Object: sampleHandle, Attr: sampleAttr}),
			ok + handle + yes + fattr + no,
		},
		{
			"LOOKUP ok, directory", AppendLookupReply(nil, &LookupReply{Object: sampleHandle, DirAttr: sampleAttr}),
			ok + handle + no + yes + fattr,
		},
		{"LOOKUP fail", AppendLookupReply(nil, &LookupReply{Status: StatusStale, DirAttr: sampleAttr}), stale + yes + fattr},
		{"ACCESS args", AppendAccessArgs(nil, &AccessArgs{sampleHandle, 0x21}), handle + "00000021"},
		{"ACCESS ok", AppendAccessReply(nil, &AccessReply{Attr: sampleAttr, Access: 1}), ok + yes + fattr + "00000001"},
		{"ACCESS fail", AppendAccessReply(nil, &AccessReply{Status: StatusStale, Access: 1}), stale + no},
		{"READLINK args", AppendReadlinkArgs(nil, &ReadlinkArgs{sampleHandle}), handle},
		{"READLINK ok", AppendReadlinkReply(nil, &ReadlinkReply{Attr: sampleAttr, Path: "a"}), ok + yes + fattr + name},
		{"READLINK fail", AppendReadlinkReply(nil, &ReadlinkReply{Status: StatusStale, Path: "a"}), stale + no},
		{"READ args", AppendReadArgs(nil, sampleHandle, 0x1122334455667788, 0x20000), handle + "1122334455667788" + "00020000"},
		{
			"READ ok", AppendReadReplyHead(nil, &ReadReply{Attr: sampleAttr, Count: 2, EOF: true, Length: 3}),
			ok + yes + fattr + "00000002" + yes + "00000003",
		},
		{"READ ok, bare", AppendReadReplyHead(nil, &ReadReply{Count: 2, Length: 3}), ok + no + "00000002" + no + "00000003"},
		{"READ fail", AppendReadReplyHead(nil, &ReadReply{Status: StatusStale, Attr: sampleAttr, Count: 2}), stale + yes + fattr},
		{
			"READDIRPLUS args", AppendReaddirplusArgs(nil, &ReaddirplusArgs{sampleHandle, 0x12, verifier, 0x2000, 0x8000}),
			handle + "0000000000000012" + verf + "00002000" + "00008000",
		},
		{
			"READDIRPLUS ok", AppendReaddirplusReply(nil, &ReaddirplusReply{DirAttr: sampleAttr, Verifier: verifier, Entries: entries, EOF: true}),
			ok + yes + fattr + verf +
				yes + "0000000000000011" + name + "0000000000000012" + yes + fattr + yes + handle +
				yes + "0000000000000013" + name + "0000000000000014" + no + no +
				no + yes,
		},
		{
			"READDIRPLUS fail", AppendReaddirplusReply(nil, &ReaddirplusReply{Status: StatusStale, Verifier: verifier, Entries: entries, EOF: true}),
			stale + no,
		},
		{"FSINFO args", AppendFsinfoArgs(nil, &FsinfoArgs{sampleHandle}), handle},
		{
			"FSINFO ok", AppendFsinfoReply(nil, &FsinfoReply{
				ReadMax: 1, ReadPref: 2, ReadMult: 3, WriteMax: 4, WritePref: 5, WriteMult: 6, DirPref: 7,
				MaxFileSize: 8, TimeDelta: Timestamp{9, 10}, Properties: 0x1b,
			}),
			ok + no + "00000001" + "00000002" + "00000003" + "00000004" + "00000005" + "00000006" + "00000007" +
				"0000000000000008" + "00000009" + "0000000a" + "0000001b",
		},
		{"FSINFO fail", AppendFsinfoReply(nil, &FsinfoReply{Status: StatusStale, Attr: sampleAttr, ReadMax: 1}), stale + yes + fattr},
	}
	for _, tt := range tests {
		if got := hex.EncodeToString(tt.got); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestProcedureNumbers(t *testing.T) {
	for want, p := range map[uint32]xdrwire.Procedure{
		0: ProcNull, 1: ProcGetattr, 3: ProcLookup, 4: ProcAccess, 5: ProcReadlink, 6: ProcRead, 17: ProcReaddirplus, 19: ProcFsinfo,
	} {
		if p != (xdrwire.Procedure{Prog: 100003, Vers: 3, Proc: want}) {
			t.Errorf("%v, want procedure %d", p, want)
		}
	}
}

func TestDirEntries(t *testing.T) {
	l := entriesOf(sampleEntries...)
	if diff := cmp.Diff(sampleEntries, slices.Collect(l.All()), whole); diff != "" {
		t.Error(diff)
	}
	for e := range l.All() { // a walk that ends early
		if e.Name != "." {
			t.Errorf("the first entry is %q", e.Name)
		}
		break
	}
	if got, want := l.Bytes(), len(AppendReaddirplusReply(nil, &ReaddirplusReply{Entries: l}))-24; got != want {
		t.Errorf("the list takes %d bytes of a reply, says %d", want, got)
	}
	if got := slices.Collect(DirEntries{}.All()); got != nil {
		t.Errorf("an empty list has %v", got)
	}
}

// Adding to the list of a parsed reply must not write into the reply.
func TestDirEntriesAddLeavesTheReplyAlone(t *testing.T) {
	b := AppendReaddirplusReply(nil, &ReaddirplusReply{Entries: entriesOf(sampleEntries[1])})
	want := slices.Clone(b)
	r, err := ParseReaddirplusReply(b)
	if err != nil {
		t.Fatal(err)
	}
	r.Entries.Add(&sampleEntries[0])
	if !slices.Equal(b, want) {
		t.Error("the reply was written to")
	}
}

// A reply of the smallest entries costs no memory to parse.
func TestReaddirplusAllocatesNothing(t *testing.T) {
	var l DirEntries
	for range 1000 {
		l.Add(&DirEntry{Name: "n"})
	}
	b := AppendReaddirplusReply(nil, &ReaddirplusReply{Entries: l})
	if n := testing.AllocsPerRun(10, func() {
		if _, err := ParseReaddirplusReply(b); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Lengths and booleans that no server may send are refused before their bytes
// are looked for.
func TestRefusals(t *testing.T) {
	handle65 := xdrwire.AppendUint32(nil, MaxFileHandleBytes+1)
	longName := xdrwire.AppendUint32(make([]byte, 4), maxNameBytes+1)
	longPath := xdrwire.AppendUint32(make([]byte, 8), maxPathBytes+1)
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"handle", second(ParseGetattrArgs(handle65)), &xdrwire.LengthError{Length: 65, Max: 64}},
		{"name", second(ParseLookupArgs(longName)), &xdrwire.LengthError{Length: 4097, Max: 4096}},
		{"path", second(ParseReadlinkReply(longPath)), &xdrwire.LengthError{Length: 4097, Max: 4096}},
		{"attributes follow", second(ParseAccessReply([]byte{7: 2, 200: 0})), xdrwire.ErrBool},
		{"entry follows", second(ParseReaddirplusReply([]byte{19: 2, 200: 0})), xdrwire.ErrBool},
		{"name of an entry", second(ParseReaddirplusReply([]byte{19: 1, 30: 0xff, 200: 0})), &xdrwire.LengthError{Length: 0xff00, Max: 4096}},
		{"handle made", second(NewFileHandle(make([]byte, 65))), &xdrwire.LengthError{Length: 65, Max: 64}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.err, errorText); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}

func second[T any](_ T, err error) error { return err }

var errorText = cmp.Comparer(func(a, b error) bool { return a != nil && b != nil && a.Error() == b.Error() })

func FuzzGetattrArgs(f *testing.F)      { getattrArgs.Fuzz(f) }
func FuzzGetattrReply(f *testing.F)     { getattrReply.Fuzz(f) }
func FuzzLookupArgs(f *testing.F)       { lookupArgs.Fuzz(f) }
func FuzzLookupReply(f *testing.F)      { lookupReply.Fuzz(f) }
func FuzzAccessArgs(f *testing.F)       { accessArgs.Fuzz(f) }
func FuzzAccessReply(f *testing.F)      { accessReply.Fuzz(f) }
func FuzzReadlinkArgs(f *testing.F)     { readlinkArgs.Fuzz(f) }
func FuzzReadlinkReply(f *testing.F)    { readlinkReply.Fuzz(f) }
func FuzzReaddirplusArgs(f *testing.F)  { readdirplusArgs.Fuzz(f) }
func FuzzReaddirplusReply(f *testing.F) { readdirplusReply.Fuzz(f) }
func FuzzFsinfoArgs(f *testing.F)       { fsinfoArgs.Fuzz(f) }
func FuzzFsinfoReply(f *testing.F)      { fsinfoReply.Fuzz(f) }
