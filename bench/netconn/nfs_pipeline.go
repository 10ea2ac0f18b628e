package netconn

import (
	"net"

	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// Reads of an NFSFile that are in flight together.

// Start sends the request for a read, as [Client.Start] does.
func (f *NFSFile) Start(r Read) error {
	xid := f.conn.begin(nfs3.ProcRead)
	f.conn.out = nfs3.AppendReadArgs(f.conn.out, f.handle, uint64(r.Off), uint32(len(r.Buf)))
	if err := f.conn.end(); err != nil {
		return err
	}
	f.started(xid, r)
	return nil
}

// Next waits for the reply to any of the reads in flight and takes it in. After an
// error the file is of no use.
func (f *NFSFile) Next() (Read, error) { return f.next(f.conn) }

// Syscalls is that of Client.
func (f *NFSFile) Syscalls() uint64 { return f.conn.calls() }

// Handle is what the server calls the file.
func (f *NFSFile) Handle() nfs3.FileHandle { return f.handle }

// Addr is the server's, of the connection that reads.
func (f *NFSFile) Addr() net.Addr { return f.conn.net.RemoteAddr() }

type nfsLayout struct{}

func (nfsLayout) usual() int { return nfs3.ReadHeadBytes }

func (nfsLayout) parse(b []byte, asked, _ int) (head, payload int, err error) {
	h, n, err := nfs3.ParseReadReplyHead(b)
	if err == nil {
		err = h.Status.Err()
	}
	if err == nil {
		err = h.Check(uint32(asked))
	}
	return n, int(h.Length), err
}
