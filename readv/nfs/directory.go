package nfs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// directory is the rpcbind of a server.
type directory struct {
	rpc    *backend.RPC
	engine *transport.Engine
	server string
	conn   transport.ConnOptions
}

// NotRegisteredError is a server whose rpcbind knows nothing of a service.
type NotRegisteredError struct {
	Server, Service string
	Err             error
}

func (e *NotRegisteredError) Error() string {
	s := fmt.Sprintf("nfs: %s offers no %s over TCP", e.Server, e.Service)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s + "; if it runs, give nfsport= and mountport= in the URL"
}

func (e *NotRegisteredError) Unwrap() error { return e.Err }

// service is one that rpcbind is asked for.
type service struct {
	name       string
	prog, vers uint32
}

var (
	nfsService   = service{"NFS version 3", nfs3.Program, nfs3.Version}
	mountService = service{"MOUNT version 3", mount3.Program, mount3.Version}
)

// find asks for the port of a service.
func (d *directory) find(ctx context.Context, s service) (int, error) {
	address := net.JoinHostPort(d.server, strconv.Itoa(rpcbind.Port))
	c, err := backend.Dial(ctx, d.engine, address, d.conn)
	if err != nil {
		return 0, fmt.Errorf("nfs: asking rpcbind of %s for ports (or give nfsport= and mountport= in the URL): %w", d.server, err)
	}
	defer c.Close()
	port, err := d.port(ctx, c, s.prog, s.vers)
	if err != nil || port == 0 {
		return 0, &NotRegisteredError{Server: d.server, Service: s.name, Err: err}
	}
	return port, nil
}

// port asks the port mapper, which every server has, and where that knows
// nothing (over IPv6) for the address.
func (d *directory) port(ctx context.Context, c *backend.Conn, prog, vers uint32) (int, error) {
	args := rpcbind.GetPortArgs{Prog: prog, Vers: vers, Protocol: rpcbind.ProtocolTCP}
	body, err := d.rpc.Call(ctx, c, rpcbind.ProcGetPort, rpcbind.AppendGetPortArgs(nil, &args))
	if err == nil {
		r, err := rpcbind.ParseGetPortReply(body)
		if err != nil || r.Port != 0 {
			return int(r.Port), err
		}
	}
	var refused *xdrwire.RPCError
	if err != nil && !errors.As(err, &refused) {
		return 0, err
	}
	addr := rpcbind.GetAddrArgs{Prog: prog, Vers: vers, NetID: rpcbind.NetIDTCP6}
	if body, err = d.rpc.Call(ctx, c, rpcbind.ProcGetAddrV4, rpcbind.AppendGetAddrArgs(nil, &addr)); err != nil {
		return 0, err
	}
	r, err := rpcbind.ParseGetAddrReply(body)
	if err != nil || r.Addr == "" {
		return 0, err
	}
	a, err := rpcbind.ParseUniversalAddr(r.Addr)
	return int(a.Port()), err
}
