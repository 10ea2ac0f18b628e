package gfs

import "github.com/ringreadv/ringreadv/xdrwire"

// PortByBrickArgs asks glusterd where a brick listens (pmap_port_by_brick_req).
type PortByBrickArgs struct {
	Brick string // path, as in the volfile's remote-subvolume
}

// AppendPortByBrickArgs appends the arguments of PORTBYBRICK.
func AppendPortByBrickArgs(b []byte, a *PortByBrickArgs) []byte {
	return xdrwire.AppendString(b, a.Brick)
}

// ParsePortByBrickArgs parses the arguments of PORTBYBRICK.
func ParsePortByBrickArgs(b []byte) (PortByBrickArgs, error) {
	d := newDecoder(b)
	a := PortByBrickArgs{Brick: d.String(maxNameBytes)}
	return a, d.Err()
}

// PortByBrickReply says where the brick listens (pmap_port_by_brick_rsp).
type PortByBrickReply struct {
	Result
	Status int32
	Port   int32 // TCP
}

// AppendPortByBrickReply appends the results of PORTBYBRICK.
func AppendPortByBrickReply(b []byte, r *PortByBrickReply) []byte {
	b = appendResult(b, r.Result)
	return xdrwire.AppendInt32(xdrwire.AppendInt32(b, r.Status), r.Port)
}

// ParsePortByBrickReply parses the results of PORTBYBRICK.
func ParsePortByBrickReply(b []byte) (PortByBrickReply, error) {
	d := newDecoder(b)
	r := PortByBrickReply{Result: d.result(), Status: d.Int32(), Port: d.Int32()}
	return r, d.Err()
}
