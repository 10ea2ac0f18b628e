package server

import (
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// brickName is what the volfile calls the brick's directory.
func (s *Server) brickName() string { return s.export() }

func (c *conn) getSpec(a *gfs.GetSpecArgs) gfs.GetSpecReply {
	if a.Key != c.server.volume {
		return gfs.GetSpecReply{Result: failed(syscall.ENOENT)}
	}
	if _, ok := a.Xdata.Get("min-op-version"); !ok {
		return gfs.GetSpecReply{Result: failed(syscall.EOPNOTSUPP)}
	}
	spec := c.server.volfile(c.net.LocalAddr())
	return gfs.GetSpecReply{Result: gfs.Result{Ret: int32(len(spec))}, Spec: spec}
}

func (c *conn) portByBrick(brick string) gfs.PortByBrickReply {
	if brick != c.server.brickName() {
		return gfs.PortByBrickReply{Result: gfs.Result{Ret: -1}}
	}
	_, port := hostPort(c.net.LocalAddr())
	return gfs.PortByBrickReply{Port: int32(port)}
}

// volfile describes the volume to a client that came in at addr: one brick,
// served where glusterd is.
func (s *Server) volfile(addr net.Addr) string {
	host, port := hostPort(addr)
	return fmt.Sprintf(`volume %[1]s-client-0
    type protocol/client
    option ping-timeout 42
    option remote-host %[2]s
    option remote-port %[3]d
    option remote-subvolume %[4]s
    option transport-type socket
    option transport.address-family %[5]s
    option send-gids true
end-volume

volume %[1]s-dht
    type cluster/distribute
    option lock-migration off
    subvolumes %[1]s-client-0
end-volume

volume %[1]s
    type debug/io-stats
    option log-level INFO
    option latency-measurement off
    option count-fop-hits off
    subvolumes %[1]s-dht
end-volume
`, s.volume, host, port, s.brickName(), family(host))
}

// hostPort takes an address apart. One that is not of TCP, as of a pipe in a
// test, has no port.
func hostPort(addr net.Addr) (host string, port int) {
	host, number, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "127.0.0.1", 0
	}
	port, _ = strconv.Atoi(number)
	return host, port
}

func family(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "inet6"
	}
	return "inet"
}
