package server

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Protocol is a way to read from a server.
type Protocol string

// Values of [Protocol].
const (
	Gluster Protocol = "gluster"
	NFS3    Protocol = "nfs3"
)

// URL returns the address of a file as clients of a protocol on this machine
// write it, for a server that listens at addr. An empty path is the volume.
func (s *Server) URL(p Protocol, addr net.Addr, path string) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		addr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}
	}
	u := url.URL{Scheme: "gluster", Host: addr.String(), Path: s.export() + "/" + strings.TrimPrefix(path, "/")}
	if p == NFS3 {
		host, port := hostPort(addr)
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		// Clients ask rpcbind at its usual port for what is not named, and
		// libnfs 4.0 takes no port after the host.
		u.Scheme, u.Host, u.RawQuery = "nfs", host, fmt.Sprintf("nfsport=%d&mountport=%d", port, port)
	}
	return u.String()
}
