package netconn

import (
	"context"
	"fmt"
	"io"
	"net"
	"path"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// NFS says where a file on an NFS server is.
type NFS struct {
	Server             string // host
	NFSPort, MountPort int    // 0: ask rpcbind
	Path               string // of the file, absolute
	UID, GID           uint32
}

// NFSFile is a file of an NFS version 3 server, read over one plain connection: by
// ReadAt one request at a time, by Start and Next several. It is for one goroutine
// at a time; only Interrupt may be called from others.
type NFSFile struct {
	conn   *conn
	handle nfs3.FileHandle
	reads
}

// nfsReadBytes is the most that one request asks for, less than every server's
// limit that is met in practice; a shorter answer is taken as it comes.
const nfsReadBytes = 64 << 10

// OpenNFS mounts the directory above the file, or the nearest one above that can
// be mounted, and looks the rest up. Symbolic links are not followed.
func OpenNFS(ctx context.Context, l NFS) (*NFSFile, error) {
	cred := xdrwire.NewAuthSys(0, "netconn", l.UID, l.GID, nil)
	f, err := openNFS(ctx, l, cred)
	if err != nil {
		return nil, fmt.Errorf("netconn: %s on %s: %w", l.Path, l.Server, err)
	}
	return f, nil
}

func openNFS(ctx context.Context, l NFS, cred xdrwire.Auth) (*NFSFile, error) {
	if err := l.findPorts(ctx, cred); err != nil {
		return nil, err
	}
	at, rest, err := l.mount(ctx, cred)
	if err != nil {
		return nil, err
	}
	c, err := dialAs(ctx, l.Server, l.NFSPort, cred)
	if err != nil {
		return nil, err
	}
	f := &NFSFile{conn: c, handle: at, reads: reads{layout: nfsLayout{}}}
	for _, name := range rest {
		if f.handle, err = f.lookup(ctx, name); err != nil {
			c.net.Close()
			return nil, err
		}
	}
	return f, nil
}

func dialAs(ctx context.Context, host string, port int, cred xdrwire.Auth) (*conn, error) {
	c, err := dial(ctx, net.JoinHostPort(host, strconv.Itoa(port)))
	if err == nil {
		c.cred = cred
	}
	return c, err
}

func (l *NFS) findPorts(ctx context.Context, cred xdrwire.Auth) error {
	for _, want := range []struct {
		port       *int
		prog, vers uint32
	}{
		{&l.NFSPort, nfs3.Program, nfs3.Version}, {&l.MountPort, mount3.Program, mount3.Version},
	} {
		if *want.port != 0 {
			continue
		}
		c, err := dialAs(ctx, l.Server, rpcbind.Port, cred)
		if err != nil {
			return err
		}
		body, err := c.call(ctx, rpcbind.ProcGetPort, func(b []byte) []byte {
			return rpcbind.AppendGetPortArgs(b, &rpcbind.GetPortArgs{Prog: want.prog, Vers: want.vers, Protocol: rpcbind.ProtocolTCP})
		})
		c.net.Close()
		if err != nil {
			return err
		}
		r, err := rpcbind.ParseGetPortReply(body)
		if err != nil || r.Port == 0 {
			return fmt.Errorf("no port of program %d: %w", want.prog, err)
		}
		*want.port = int(r.Port)
	}
	return nil
}

// mount returns the handle of a directory and the names from there to the file.
func (l *NFS) mount(ctx context.Context, cred xdrwire.Auth) (at nfs3.FileHandle, rest []string, err error) {
	c, err := dialAs(ctx, l.Server, l.MountPort, cred)
	if err != nil {
		return at, nil, err
	}
	defer c.net.Close()
	file := path.Clean("/" + l.Path)
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		body, err := c.call(ctx, mount3.ProcMnt, func(b []byte) []byte {
			return mount3.AppendMntArgs(b, &mount3.PathArgs{Path: dir})
		})
		if err != nil {
			return at, nil, err
		}
		r, err := mount3.ParseMntReply(body)
		if err != nil {
			return at, nil, err
		}
		if r.Status == mount3.StatusOK {
			return r.Root, strings.Split(strings.Trim(strings.TrimPrefix(file, dir), "/"), "/"), nil
		}
		if dir == "/" {
			return at, nil, r.Status.Err()
		}
	}
}

func (f *NFSFile) lookup(ctx context.Context, name string) (nfs3.FileHandle, error) {
	body, err := f.conn.call(ctx, nfs3.ProcLookup, func(b []byte) []byte {
		return nfs3.AppendLookupArgs(b, &nfs3.LookupArgs{Dir: f.handle, Name: name})
	})
	if err != nil {
		return nfs3.FileHandle{}, err
	}
	r, err := nfs3.ParseLookupReply(body)
	if err == nil {
		err = r.Status.Err()
	}
	return r.Object, err
}

// ReadAt implements io.ReaderAt. No read may be in flight.
func (f *NFSFile) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		want := min(len(p)-n, nfsReadBytes)
		body, err := f.conn.call(context.Background(), nfs3.ProcRead, func(b []byte) []byte {
			return nfs3.AppendReadArgs(b, f.handle, uint64(off)+uint64(n), uint32(want))
		})
		if err != nil {
			return n, err
		}
		h, head, err := nfs3.ParseReadReplyHead(body)
		if err == nil {
			err = h.Status.Err()
		}
		if err == nil {
			err = h.Check(uint32(want))
		}
		if err == nil && len(body)-head < int(h.Length) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return n, err
		}
		n += copy(p[n:n+want], body[head:head+int(h.Length)])
		if n < len(p) && (h.EOF || h.Length == 0) {
			return n, io.EOF
		}
	}
	return n, nil
}

// Close ends the connection.
func (f *NFSFile) Close() error { return f.conn.net.Close() }

// Interrupt makes everything under way and after it fail.
func (f *NFSFile) Interrupt() { f.conn.interrupt() }
