package gfs

import (
	"encoding/hex"
	"testing"
)

// Dictionaries in these samples hold only values that both layouts give back
// as they were.
var (
	lookupArgs = codec[LookupArgs]{AppendLookupArgs, ParseLookupArgs, []LookupArgs{
		{Parent: RootGFID, Flags: 1, Name: "disk.img", Xdata: sampleDict}, {GFID: RootGFID},
	}}
	lookupReply = codec[LookupReply]{AppendLookupReply, ParseLookupReply, []LookupReply{
		{Result: succeeded, Stat: sampleIatt, PostParent: Iatt{GFID: RootGFID}, Xdata: sampleDict}, {Result: failed},
	}}
	openArgs = codec[OpenArgs]{AppendOpenArgs, ParseOpenArgs, []OpenArgs{
		{GFID: GFID{1}, Flags: OpenDirect, Xdata: sampleDict}, {},
	}}
	opendirArgs = codec[OpendirArgs]{AppendOpendirArgs, ParseOpendirArgs, []OpendirArgs{
		{GFID: RootGFID, Xdata: sampleDict}, {},
	}}
	openReply = codec[OpenReply]{AppendOpenReply, ParseOpenReply, []OpenReply{
		{Result: succeeded, FD: 7, Xdata: sampleDict}, {Result: failed, FD: -1},
	}}
	releaseArgs = codec[ReleaseArgs]{AppendReleaseArgs, ParseReleaseArgs, []ReleaseArgs{
		{GFID: GFID{1}, FD: 1 << 40, Xdata: sampleDict}, {FD: AnonymousFD},
	}}
	releaseReply = codec[ReleaseReply]{AppendReleaseReply, ParseReleaseReply, []ReleaseReply{
		{Result: succeeded, Xdata: sampleDict}, {Result: failed},
	}}
	statArgs = codec[StatArgs]{AppendStatArgs, ParseStatArgs, []StatArgs{
		{GFID: GFID{1}, Xdata: sampleDict}, {},
	}}
	fstatArgs = codec[FstatArgs]{AppendFstatArgs, ParseFstatArgs, []FstatArgs{
		{GFID: GFID{1}, FD: 3, Xdata: sampleDict}, {},
	}}
	statReply = codec[StatReply]{AppendStatReply, ParseStatReply, []StatReply{
		{Result: succeeded, Stat: sampleIatt, Xdata: sampleDict}, {Result: failed},
	}}
	readlinkArgs = codec[ReadlinkArgs]{AppendReadlinkArgs, ParseReadlinkArgs, []ReadlinkArgs{
		{GFID: GFID{1}, Size: 4096, Xdata: sampleDict}, {},
	}}
	readlinkReply = codec[ReadlinkReply]{AppendReadlinkReply, ParseReadlinkReply, []ReadlinkReply{
		{Result: succeeded, Stat: sampleIatt, Path: "../other", Xdata: sampleDict}, {Result: failed},
	}}
	readdirpArgs = codec[ReaddirpArgs]{AppendReaddirpArgs, ParseReaddirpArgs, []ReaddirpArgs{
		{GFID: RootGFID, FD: 1, Offset: 1 << 63, Size: 65536, Xdata: sampleDict}, {},
	}}
	readdirpReply = codec[ReaddirpReply]{AppendReaddirpReply, ParseReaddirpReply, []ReaddirpReply{
		{Result: succeeded, Xdata: sampleDict, Entries: []DirEntry{
			{Ino: 1, Offset: 2, Type: 4, Name: "."},
			{Ino: 3, Offset: 1<<63 - 1, Type: 8, Name: "a name", Stat: sampleIatt, Dict: sampleDict},
		}},
		{Result: Result{0, 2}},
	}}
)

func TestFileOperations(t *testing.T) {
	t.Run("LOOKUP args", lookupArgs.check)
	t.Run("LOOKUP reply", lookupReply.check)
	t.Run("OPEN args", openArgs.check)
	t.Run("OPENDIR args", opendirArgs.check)
	t.Run("OPEN reply", openReply.check)
	t.Run("RELEASE args", releaseArgs.check)
	t.Run("RELEASE reply", releaseReply.check)
	t.Run("STAT args", statArgs.check)
	t.Run("FSTAT args", fstatArgs.check)
	t.Run("STAT reply", statReply.check)
	t.Run("READLINK args", readlinkArgs.check)
	t.Run("READLINK reply", readlinkReply.check)
	t.Run("READDIRP args", readdirpArgs.check)
	t.Run("READDIRP reply", readdirpReply.check)
}

// Round trips cannot see two fields swapped on both sides, so the layouts are
// spelled out here once each.
func TestLayouts(t *testing.T) {
	const (
		gfid  = "01000000000000000000000000000000"
		root  = "00000000000000000000000000000001"
		null  = "00000000" + "ffffffff" + "00000000"
		none  = "00000000"
		ok    = "00000000" + "00000000"
		file  = "0000000000000005"
		name  = "00000001" + "61000000"
		iatt4 = gfid + "0000000000000011" + "0000000000000001" + "0000000000000002" + "0000000000000003" +
			"0000000000000004" + "0000000000000005" + "0000000000000012" + "0000000000000013" +
			"000000000000000b" + "000000000000000d" + "000000000000000f" + "0000000000000014" +
			"0000000c" + "0000000e" + "00000010" + "00000015" +
			"00000007" + "00000008" + "00000009" + "0000000a" + "00000006"
		iatt3 = gfid + "0000000000000001" + "0000000000000002" + "00000006" + "00000007" + "00000008" + "00000009" +
			"0000000000000003" + "0000000000000004" + "0000000a" + "0000000000000005" +
			"0000000b" + "0000000c" + "0000000d" + "0000000e" + "0000000f" + "00000010"
	)
	id := GFID{1}
	stat := Iatt{
		GFID: id, Ino: 1, Dev: 2, Rdev: 3, Size: 4, Blocks: 5, Mode: 6, Nlink: 7, UID: 8, GID: 9, BlockSize: 10,
		Atime: Timestamp{11, 12}, Mtime: Timestamp{13, 14}, Ctime: Timestamp{15, 16},
		Flags: 17, Attributes: 18, AttributesMask: 19, Btime: Timestamp{20, 21},
	}
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"GETSPEC args", AppendGetSpecArgs(nil, &GetSpecArgs{Flags: 1, Key: "a"}), "00000001" + name + none},
		{"GETSPEC reply", AppendGetSpecReply(nil, &GetSpecReply{Spec: "a"}), ok + name + none},
		{"SETVOLUME reply", AppendSetVolumeReply(nil, &SetVolumeReply{}), ok + none},
		{"PORTBYBRICK args", AppendPortByBrickArgs(nil, &PortByBrickArgs{"a"}), name},
		{"PORTBYBRICK reply", AppendPortByBrickReply(nil, &PortByBrickReply{Status: 1, Port: 49152}), ok + "00000001" + "0000c000"},
		{"DUMP args", AppendDumpArgs(nil, &DumpArgs{DumpID}), "000000000000caed"},
		{"DUMP reply", AppendDumpReply(nil, &DumpReply{GFSID: 5, Programs: []Program{{"a", 1, 2}}}),
			file + ok + "00000001" + name + "0000000000000001" + "0000000000000002" + "00000000"},
		{"PING reply", AppendPingReply(nil, &PingReply{}), ok + none},
		{"LOOKUP args 400", AppendLookupArgs(V400, nil, &LookupArgs{id, RootGFID, 2, "a", nil}), gfid + root + "00000002" + name + null},
		{"LOOKUP args 330", AppendLookupArgs(V330, nil, &LookupArgs{id, RootGFID, 2, "a", nil}), gfid + root + "00000002" + name + none},
		{"LOOKUP reply 400", AppendLookupReply(V400, nil, &LookupReply{Stat: stat, PostParent: Iatt{GFID: RootGFID}}), ok + null + iatt4 + root + zeroHex(132)},
		{"LOOKUP reply 330", AppendLookupReply(V330, nil, &LookupReply{Stat: stat, PostParent: Iatt{GFID: RootGFID}}), ok + iatt3 + root + zeroHex(84) + none},
		{"OPEN args 400", AppendOpenArgs(V400, nil, &OpenArgs{id, 2, nil}), gfid + "00000002" + null},
		{"OPEN args 330", AppendOpenArgs(V330, nil, &OpenArgs{id, 2, nil}), gfid + "00000002" + none},
		{"OPENDIR args 400", AppendOpendirArgs(V400, nil, &OpendirArgs{id, nil}), gfid + null},
		{"OPENDIR args 330", AppendOpendirArgs(V330, nil, &OpendirArgs{id, nil}), gfid + none},
		{"OPEN reply 400", AppendOpenReply(V400, nil, &OpenReply{FD: 5}), ok + null + file},
		{"OPEN reply 330", AppendOpenReply(V330, nil, &OpenReply{FD: 5}), ok + file + none},
		{"RELEASE args 400", AppendReleaseArgs(V400, nil, &ReleaseArgs{id, 5, nil}), gfid + file + null},
		{"RELEASE args 330", AppendReleaseArgs(V330, nil, &ReleaseArgs{id, 5, nil}), gfid + file + none},
		{"RELEASE reply 400", AppendReleaseReply(V400, nil, &ReleaseReply{}), ok + null},
		{"RELEASE reply 330", AppendReleaseReply(V330, nil, &ReleaseReply{}), ok + none},
		{"STAT args 400", AppendStatArgs(V400, nil, &StatArgs{id, nil}), gfid + null},
		{"STAT args 330", AppendStatArgs(V330, nil, &StatArgs{id, nil}), gfid + none},
		{"FSTAT args 400", AppendFstatArgs(V400, nil, &FstatArgs{id, 5, nil}), gfid + file + null},
		{"FSTAT args 330", AppendFstatArgs(V330, nil, &FstatArgs{id, 5, nil}), gfid + file + none},
		{"STAT reply 400", AppendStatReply(V400, nil, &StatReply{Stat: stat}), ok + null + iatt4},
		{"STAT reply 330", AppendStatReply(V330, nil, &StatReply{Stat: stat}), ok + iatt3 + none},
		{"READLINK args 400", AppendReadlinkArgs(V400, nil, &ReadlinkArgs{id, 2, nil}), gfid + "00000002" + null},
		{"READLINK args 330", AppendReadlinkArgs(V330, nil, &ReadlinkArgs{id, 2, nil}), gfid + "00000002" + none},
		{"READLINK reply 400", AppendReadlinkReply(V400, nil, &ReadlinkReply{Stat: stat, Path: "a"}), ok + null + iatt4 + name},
		{"READLINK reply 330", AppendReadlinkReply(V330, nil, &ReadlinkReply{Stat: stat, Path: "a"}), ok + iatt3 + name + none},
		{"READDIRP args 400", AppendReaddirpArgs(V400, nil, &ReaddirpArgs{id, 5, 6, 7, nil}), gfid + file + "0000000000000006" + "00000007" + null},
		{"READDIRP args 330", AppendReaddirpArgs(V330, nil, &ReaddirpArgs{id, 5, 6, 7, nil}), gfid + file + "0000000000000006" + "00000007" + none},
		{"READDIRP reply 400", AppendReaddirpReply(V400, nil, &ReaddirpReply{Entries: []DirEntry{{1, 2, 4, "a", stat, nil}}}),
			ok + null + "00000001" + "0000000000000001" + "0000000000000002" + "00000001" + "00000004" + name + iatt4 + null + "00000000"},
		{"READDIRP reply 330", AppendReaddirpReply(V330, nil, &ReaddirpReply{Entries: []DirEntry{{1, 2, 4, "a", stat, nil}}}),
			ok + "00000001" + "0000000000000001" + "0000000000000002" + "00000001" + "00000004" + name + iatt3 + none + "00000000" + none},
		{"READ args 400", AppendReadArgs(V400, nil, id, 5, 6, 7, 8), gfid + file + "0000000000000006" + "00000007" + "00000008" + null},
		{"READ args 330", AppendReadArgs(V330, nil, id, 5, 6, 7, 8), gfid + file + "0000000000000006" + "00000007" + "00000008" + none},
		{"READ reply 400", AppendReadReply(V400, nil, &ReadReply{Stat: stat, Size: 9}), ok + iatt4 + "00000009" + null},
		{"READ reply 330", AppendReadReply(V330, nil, &ReadReply{Stat: stat, Size: 9}), ok + iatt3 + "00000009" + none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := hex.EncodeToString(tt.got); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func zeroHex(n int) string { return hex.EncodeToString(make([]byte, n)) }

func FuzzLookupArgs(f *testing.F)    { lookupArgs.fuzz(f) }
func FuzzLookupReply(f *testing.F)   { lookupReply.fuzz(f) }
func FuzzOpenArgs(f *testing.F)      { openArgs.fuzz(f) }
func FuzzOpendirArgs(f *testing.F)   { opendirArgs.fuzz(f) }
func FuzzOpenReply(f *testing.F)     { openReply.fuzz(f) }
func FuzzReleaseArgs(f *testing.F)   { releaseArgs.fuzz(f) }
func FuzzReleaseReply(f *testing.F)  { releaseReply.fuzz(f) }
func FuzzStatArgs(f *testing.F)      { statArgs.fuzz(f) }
func FuzzFstatArgs(f *testing.F)     { fstatArgs.fuzz(f) }
func FuzzStatReply(f *testing.F)     { statReply.fuzz(f) }
func FuzzReadlinkArgs(f *testing.F)  { readlinkArgs.fuzz(f) }
func FuzzReadlinkReply(f *testing.F) { readlinkReply.fuzz(f) }
func FuzzReaddirpArgs(f *testing.F)  { readdirpArgs.fuzz(f) }
func FuzzReaddirpReply(f *testing.F) { readdirpReply.fuzz(f) }
