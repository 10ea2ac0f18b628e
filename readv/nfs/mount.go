package nfs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// mount is the MOUNT service of a server and the directory mounted from it.
type mount struct {
	rpc    *backend.RPC
	engine *transport.Engine
	server string
	port   int
	conn   transport.ConnOptions
	path   string // mounted; "" for none
}

// find mounts the directory, or the nearest above it that the server lets be
// mounted: some export a directory and refuse those below. It returns what of
// the path is left to look up.
func (m *mount) find(ctx context.Context, dir string) (root nfs3.FileHandle, rest string, err error) {
	c, err := m.dial(ctx)
	if err != nil {
		return root, "", err
	}
	defer c.Close()
	dir = path.Clean("/" + dir)
	var first error
	for at := dir; ; at = path.Dir(at) {
		root, err = m.mnt(ctx, c, at)
		if err == nil {
			m.path = at
			return root, backend.Clean(strings.TrimPrefix(dir, at)), nil
		}
		if first == nil {
			first = err
		}
		var refused *mount3.StatusError
		if at == "/" || !errors.As(err, &refused) {
			return root, "", fmt.Errorf("nfs: mounting %s from %s: %w", dir, m.server, first)
		}
	}
}

func (m *mount) dial(ctx context.Context) (*backend.Conn, error) {
	address := net.JoinHostPort(m.server, strconv.Itoa(m.port))
	c, err := backend.Dial(ctx, m.engine, address, m.conn)
	if err != nil {
		return nil, fmt.Errorf("nfs: connecting to the MOUNT service at %s: %w", address, err)
	}
	return c, nil
}

func (m *mount) mnt(ctx context.Context, c *backend.Conn, dir string) (nfs3.FileHandle, error) {
	body, err := m.rpc.Call(ctx, c, mount3.ProcMnt, mount3.AppendMntArgs(nil, &mount3.PathArgs{Path: dir}))
	if err != nil {
		return nfs3.FileHandle{}, err
	}
	r, err := mount3.ParseMntReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	if err == nil && len(r.Flavors) > 0 && !slices.Contains(r.Flavors, xdrwire.FlavorSys) {
		err = &FlavorError{Export: dir, Flavors: r.Flavors}
	}
	return r.Root, err
}

// FlavorError is an export that takes no credentials this package has.
type FlavorError struct {
	Export  string
	Flavors []uint32 // that the server would take
}

func (e *FlavorError) Error() string {
	return fmt.Sprintf("export %s takes credentials of flavours %v only, not AUTH_SYS (1); Kerberos is not supported", e.Export, e.Flavors)
}

// releaseTimeout bounds the courtesy of UMNT.
const releaseTimeout = time.Second

// release sends UMNT, which keeps the server's list of clients tidy and does
// nothing else: its failure is nobody's problem.
func (m *mount) release() {
	if m.path == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	c, err := m.dial(ctx)
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = m.rpc.Call(ctx, c, mount3.ProcUmnt, mount3.AppendUmntArgs(nil, &mount3.PathArgs{Path: m.path}))
}
