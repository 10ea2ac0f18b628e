package server_test

import (
	"testing"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
	"github.com/ringreadv/ringreadv/xdrwire/rpcbind"
)

// nfsClient makes the calls of NFS, MOUNT and rpcbind.
type nfsClient struct{ *client }

// dialNFS connects without mounting.
func dialNFS(t testing.TB, addr string) nfsClient {
	t.Helper()
	c := dial(t, addr, nfs3.Version)
	c.cred = xdrwire.NewAuthSys(1, "test", 0, 0, nil)
	return nfsClient{c}
}

func (c nfsClient) mnt(path string) mount3.MntReply {
	c.t.Helper()
	b := c.call(mount3.ProcMnt, mount3.AppendMntArgs(nil, &mount3.PathArgs{Path: path}))
	return must[mount3.MntReply](c.t)(mount3.ParseMntReply(b))
}

func (c nfsClient) mustMnt(path string) nfs3.FileHandle {
	c.t.Helper()
	r := c.mnt(path)
	if err := r.Status.Err(); err != nil {
		c.t.Fatalf("MNT %s: %v", path, err)
	}
	return r.Root
}

func (c nfsClient) getPort(prog, vers, protocol uint32) uint16 {
	c.t.Helper()
	a := rpcbind.GetPortArgs{Prog: prog, Vers: vers, Protocol: protocol}
	b := c.call(rpcbind.ProcGetPort, rpcbind.AppendGetPortArgs(nil, &a))
	return must[rpcbind.GetPortReply](c.t)(rpcbind.ParseGetPortReply(b)).Port
}

func (c nfsClient) getattr(h nfs3.FileHandle) nfs3.GetattrReply {
	c.t.Helper()
	b := c.call(nfs3.ProcGetattr, nfs3.AppendGetattrArgs(nil, &nfs3.GetattrArgs{Object: h}))
	return must[nfs3.GetattrReply](c.t)(nfs3.ParseGetattrReply(b))
}

func (c nfsClient) lookup(dir nfs3.FileHandle, name string) nfs3.LookupReply {
	c.t.Helper()
	b := c.call(nfs3.ProcLookup, nfs3.AppendLookupArgs(nil, &nfs3.LookupArgs{Dir: dir, Name: name}))
	return must[nfs3.LookupReply](c.t)(nfs3.ParseLookupReply(b))
}

// find looks names up one below the other.
func (c nfsClient) find(at nfs3.FileHandle, names ...string) nfs3.FileHandle {
	c.t.Helper()
	for _, name := range names {
		r := c.lookup(at, name)
		if err := r.Status.Err(); err != nil {
			c.t.Fatalf("LOOKUP %s: %v", name, err)
		}
		at = r.Object
	}
	return at
}

func (c nfsClient) access(h nfs3.FileHandle, asked uint32) nfs3.AccessReply {
	c.t.Helper()
	b := c.call(nfs3.ProcAccess, nfs3.AppendAccessArgs(nil, &nfs3.AccessArgs{Object: h, Access: asked}))
	return must[nfs3.AccessReply](c.t)(nfs3.ParseAccessReply(b))
}

func (c nfsClient) readlink(h nfs3.FileHandle) nfs3.ReadlinkReply {
	c.t.Helper()
	b := c.call(nfs3.ProcReadlink, nfs3.AppendReadlinkArgs(nil, &nfs3.ReadlinkArgs{Link: h}))
	return must[nfs3.ReadlinkReply](c.t)(nfs3.ParseReadlinkReply(b))
}

func (c nfsClient) fsinfo(h nfs3.FileHandle) nfs3.FsinfoReply {
	c.t.Helper()
	b := c.call(nfs3.ProcFsinfo, nfs3.AppendFsinfoArgs(nil, &nfs3.FsinfoArgs{Root: h}))
	return must[nfs3.FsinfoReply](c.t)(nfs3.ParseFsinfoReply(b))
}

func (c nfsClient) readdirplus(a nfs3.ReaddirplusArgs) (r nfs3.ReaddirplusReply, replyBytes int) {
	c.t.Helper()
	b := c.call(nfs3.ProcReaddirplus, nfs3.AppendReaddirplusArgs(nil, &a))
	return must[nfs3.ReaddirplusReply](c.t)(nfs3.ParseReaddirplusReply(b)), len(b)
}

// read returns the reply and a payload that agrees with it, padded with zeros.
func (c nfsClient) read(h nfs3.FileHandle, off uint64, count uint32) (nfs3.ReadReply, []byte) {
	c.t.Helper()
	b := c.call(nfs3.ProcRead, nfs3.AppendReadArgs(nil, h, off, count))
	r, n, err := nfs3.ParseReadReply(b)
	if err != nil {
		c.t.Fatal(err)
	}
	head, m, err := nfs3.ParseReadReplyHead(b)
	if err == nil && head.Status == nfs3.StatusOK {
		err = head.Check(count)
	}
	if err != nil || m != n {
		c.t.Fatalf("READ of %d at %d: %v, head of %d and %d bytes", count, off, err, n, m)
	}
	payload, padding := b[n:n+int(r.Length)], b[n+int(r.Length):]
	if len(payload)+len(padding) != xdrwire.PaddedBytes(len(payload)) {
		c.t.Fatalf("READ of %d at %d: %d bytes and %d of padding", count, off, len(payload), len(padding))
	}
	for _, p := range padding {
		if p != 0 {
			c.t.Fatalf("READ of %d at %d: padding %x", count, off, padding)
		}
	}
	return r, payload
}
