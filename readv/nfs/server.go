package nfs

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// server makes a volume's connections to the NFS service, the first ones and
// those that replace lost ones: rpcbind is asked each time, unless the URL gives
// the port.
type server struct {
	directory
	fixed int // port in the URL, or 0
}

// Connect implements backend.Connector.
func (s *server) Connect(ctx context.Context, e *transport.Engine, o transport.ConnOptions) (*backend.Conn, error) {
	port := s.fixed
	if port == 0 {
		var err error
		if port, err = s.find(ctx, nfsService); err != nil {
			return nil, err
		}
	}
	address := net.JoinHostPort(s.directory.server, strconv.Itoa(port))
	o.Ping = nfs3.ProcNull
	c, err := backend.Dial(ctx, e, address, o)
	if err != nil {
		return nil, fmt.Errorf("nfs: connecting to %s: %w", address, err)
	}
	return c, nil
}

// Renew implements backend.Connector: handles hold on any connection, and across
// restarts.
func (s *server) Renew(context.Context, *backend.Link, *backend.Conn) error { return nil }
