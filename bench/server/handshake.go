package server

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// setVolume binds the connection to the brick. The checks, and what a client
// is told when one fails, are those of xlators/protocol/server; only that a
// process-uuid may be used twice is different.
func (c *conn) setVolume(asked gfs.Dict) gfs.SetVolumeReply {
	brick, ok := asked.Get("remote-subvolume")
	if !ok {
		return refuseVolume(syscall.EINVAL, "No remote-subvolume option specified")
	}
	if brick.Text() != c.server.brickName() {
		return refuseVolume(syscall.ENOENT, fmt.Sprintf("remote-subvolume %q is not found", brick.Text()))
	}
	if _, ok := asked.Get("process-uuid"); !ok {
		return refuseVolume(syscall.EINVAL, "UUID not specified")
	}
	id := c.server.volumeID()
	if v, ok := asked.Get("volume-id"); ok && v.Text() != id {
		return refuseVolume(syscall.EINVAL, "Volume-ID different, possible case of same brick re-used in another volume")
	}
	if v, ok := asked.Get("fops-version"); !ok {
		return refuseVolume(syscall.EINVAL, "No FOP version number specified")
	} else if prog, ok := v.Int(); !ok || prog != gfs.ProgFOP {
		return refuseVolume(syscall.EINVAL, fmt.Sprintf("version mismatch: client(%s) - server(%d)", v.Text(), gfs.ProgFOP))
	}
	c.gluster.bound = true
	return gfs.SetVolumeReply{
		Result: gfs.Result{Errno: int32(syscall.EINVAL)}, // as a brick does
		Dict: gfs.Dict{
			{Key: "clnt-lk-version", Value: gfs.StringValue("0")},
			{Key: "process-uuid", Value: gfs.StringValue(uuid("process " + strconv.Itoa(syscall.Getpid())))},
			{Key: "volume-id", Value: gfs.StringValue(id)},
			{Key: "ERROR", Value: gfs.StringValue("Success")},
			{Key: "child_up", Value: gfs.StringValue("1")},
		},
	}
}

func refuseVolume(errno syscall.Errno, why string) gfs.SetVolumeReply {
	return gfs.SetVolumeReply{
		Result: failed(errno),
		Dict:   gfs.Dict{{Key: "ERROR", Value: gfs.StringValue(why)}},
	}
}

// volumeID is the same whenever a volume of this name is served: clients check
// it when they reconnect.
func (s *Server) volumeID() string { return uuid("volume " + s.volume) }

// uuid makes a UUID of version 8 from a name.
func uuid(name string) string {
	sum := sha256.Sum256([]byte(name))
	id := gfs.GFID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id.String()
}
