package server_test

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

var opVersions = gfs.Dict{
	{Key: "min-op-version", Value: gfs.StringValue("1")},
	{Key: "max-op-version", Value: gfs.StringValue("100000")},
}

func (c *client) getSpec(key string, xdata gfs.Dict) gfs.GetSpecReply {
	c.t.Helper()
	b := c.call(gfs.ProcGetSpec, gfs.AppendGetSpecArgs(nil, &gfs.GetSpecArgs{Key: key, Xdata: xdata}))
	return must[gfs.GetSpecReply](c.t)(gfs.ParseGetSpecReply(b))
}

func (c *client) portByBrick(brick string) gfs.PortByBrickReply {
	c.t.Helper()
	b := c.call(gfs.ProcPortByBrick, gfs.AppendPortByBrickArgs(nil, &gfs.PortByBrickArgs{Brick: brick}))
	return must[gfs.PortByBrickReply](c.t)(gfs.ParsePortByBrickReply(b))
}

func (c *client) dump() gfs.DumpReply {
	c.t.Helper()
	b := c.call(gfs.ProcDump, gfs.AppendDumpArgs(nil, &gfs.DumpArgs{GFSID: gfs.DumpID}))
	return must[gfs.DumpReply](c.t)(gfs.ParseDumpReply(b))
}

func TestVolfileLeadsBackToTheServer(t *testing.T) {
	addr := start(t, smallTree(t))
	c := dial(t, addr, gfs.V400)
	host, port, _ := net.SplitHostPort(addr)
	spec := c.getSpec("bench", opVersions).Spec
	for _, line := range []string{
		"type protocol/client", "option remote-host " + host, "option remote-port " + port, "option remote-subvolume /bench",
		"type cluster/distribute", "volume bench\n    type debug/io-stats",
	} {
		if !strings.Contains(spec, line+"\n") {
			t.Errorf("the volfile lacks %q:\n%s", line, spec)
		}
	}
	if got := strconv.Itoa(int(c.portByBrick("/bench").Port)); got != port {
		t.Errorf("PORTBYBRICK: %s, want %s", got, port)
	}
	// A client of GlusterFS would take a server that lists it for glusterd only.
	if r := c.dump(); r.Serves(gfs.ProgPortmap, 1) || !r.Serves(gfs.ProgFOP, gfs.V400) {
		t.Errorf("DUMP lists %+v", r.Programs)
	}
}

// with returns the dictionary that binds to brick, changed.
func with(brick, key, value string) gfs.Dict {
	var d gfs.Dict
	for _, p := range volumeDict(brick) {
		if p.Key != key {
			d = append(d, p)
		}
	}
	if value != "" {
		d = append(d, gfs.Pair{Key: key, Value: gfs.StringValue(value)})
	}
	return d
}

func refusals(t *testing.T, glusterd, brick, brickDir string) map[string]gfs.Result {
	g := dial(t, glusterd, gfs.V400)
	said := map[string]gfs.Result{
		"GETSPEC unknown":     g.getSpec("no-such-volume", opVersions).Result,
		"PORTBYBRICK unknown": g.portByBrick("/no/such/brick").Result,
		"PORTBYBRICK known":   g.portByBrick(brickDir).Result,
	}
	for name, d := range map[string]gfs.Dict{
		"good":               with(brickDir, "", ""),
		"unknown brick":      with(brickDir, "remote-subvolume", "/no/such/brick"),
		"no brick":           with(brickDir, "remote-subvolume", ""),
		"no process-uuid":    with(brickDir, "process-uuid", ""),
		"another volume-id":  with(brickDir, "volume-id", "11111111-2222-3333-4444-555555555555"),
		"no fops-version":    with(brickDir, "fops-version", ""),
		"wrong fops-version": with(brickDir, "fops-version", "1"),
	} {
		said["SETVOLUME "+name] = dial(t, brick, gfs.V400).setVolume(d).Result
	}
	return said
}

func TestSameRefusalsAsGlusterFS(t *testing.T) {
	gluster := peers.Gluster(t)
	volume := gluster.CreateVolume(t, peers.VolumeSpec{})
	brick := volume.Bricks[0]
	addr := start(t, smallTree(t))
	want := refusals(t, gluster.Addr(), brick.Addr(t), brick.Dir)
	got := refusals(t, addr, addr, "/bench")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-GlusterFS +ours:\n%s", diff)
	}
	without := [2]gfs.Result{
		dial(t, gluster.Addr(), gfs.V400).getSpec(volume.Name, nil).Result,
		dial(t, addr, gfs.V400).getSpec("bench", nil).Result,
	}
	if without[0] != without[1] {
		t.Errorf("GETSPEC without op-version: GlusterFS %+v, ours %+v", without[0], without[1])
	}
}
