package gfs

import "testing"

var (
	getSpecArgs = unversioned(AppendGetSpecArgs, ParseGetSpecArgs,
		GetSpecArgs{Flags: 1, Key: "vol0", Xdata: sampleDict}, GetSpecArgs{})
	getSpecReply = unversioned(AppendGetSpecReply, ParseGetSpecReply,
		GetSpecReply{Result: succeeded, Spec: "volume a\nend-volume\n", Xdata: sampleDict}, GetSpecReply{Result: failed})
	setVolumeArgs = unversioned(AppendSetVolumeArgs, ParseSetVolumeArgs,
		SetVolumeArgs{Dict: sampleDict}, SetVolumeArgs{Dict: Dict{}}, SetVolumeArgs{})
	setVolumeReply = unversioned(AppendSetVolumeReply, ParseSetVolumeReply,
		SetVolumeReply{Result: Result{0, 22}, Dict: sampleDict}, SetVolumeReply{Result: failed})
	portByBrickArgs = unversioned(AppendPortByBrickArgs, ParsePortByBrickArgs,
		PortByBrickArgs{Brick: "/bricks/b1"}, PortByBrickArgs{})
	portByBrickReply = unversioned(AppendPortByBrickReply, ParsePortByBrickReply,
		PortByBrickReply{Result: succeeded, Status: 4, Port: 49152})
	dumpArgs  = unversioned(AppendDumpArgs, ParseDumpArgs, DumpArgs{GFSID: DumpID})
	dumpReply = unversioned(AppendDumpReply, ParseDumpReply,
		DumpReply{GFSID: DumpID, Result: succeeded, Programs: []Program{{"GlusterFS 4.x v1", ProgFOP, V400}, {"DUMP", ProgDump, 1}}},
		DumpReply{Result: failed})
	pingReply = unversioned(AppendPingReply, ParsePingReply, PingReply{}, PingReply{Result: failed, Xdata: sampleDict})
)

func TestPrograms(t *testing.T) {
	t.Run("GETSPEC args", getSpecArgs.check)
	t.Run("GETSPEC reply", getSpecReply.check)
	t.Run("SETVOLUME args", setVolumeArgs.check)
	t.Run("SETVOLUME reply", setVolumeReply.check)
	t.Run("PORTBYBRICK args", portByBrickArgs.check)
	t.Run("PORTBYBRICK reply", portByBrickReply.check)
	t.Run("DUMP args", dumpArgs.check)
	t.Run("DUMP reply", dumpReply.check)
	t.Run("PING reply", pingReply.check)
}

func TestDumpReplyServes(t *testing.T) {
	r := dumpReply.samples[0]
	if !r.Serves(ProgFOP, V400) || r.Serves(ProgFOP, V330) || r.Serves(1, V400) {
		t.Errorf("wrong answers from %+v", r.Programs)
	}
}

func FuzzGetSpecArgs(f *testing.F)      { getSpecArgs.fuzz(f) }
func FuzzGetSpecReply(f *testing.F)     { getSpecReply.fuzz(f) }
func FuzzSetVolumeArgs(f *testing.F)    { setVolumeArgs.fuzz(f) }
func FuzzSetVolumeReply(f *testing.F)   { setVolumeReply.fuzz(f) }
func FuzzPortByBrickArgs(f *testing.F)  { portByBrickArgs.fuzz(f) }
func FuzzPortByBrickReply(f *testing.F) { portByBrickReply.fuzz(f) }
func FuzzDumpArgs(f *testing.F)         { dumpArgs.fuzz(f) }
func FuzzDumpReply(f *testing.F)        { dumpReply.fuzz(f) }
func FuzzPingReply(f *testing.F)        { pingReply.fuzz(f) }
