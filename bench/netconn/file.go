package netconn

import (
	"context"
	"io"
	"strings"
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// File is an open file of a Client.
type File struct {
	client *Client
	gfid   gfs.GFID
	fd     int64
	size   int64
}

// Size is the file's length in bytes when it was opened.
func (f *File) Size() int64 { return f.size }

// Open opens the file at path, counted from the volume's root. Symbolic links
// are not followed.
func (cl *Client) Open(ctx context.Context, path string) (*File, error) {
	at := gfs.RootGFID
	var found gfs.Iatt
	for name := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' }) {
		body, err := cl.fop(ctx, gfs.OpLookup, func(b []byte) []byte {
			return gfs.AppendLookupArgs(cl.version, b, &gfs.LookupArgs{Parent: at, Name: name})
		})
		if err != nil {
			return nil, err
		}
		r, err := gfs.ParseLookupReply(cl.version, body)
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return nil, err
		}
		at, found = r.Stat.GFID, r.Stat
	}
	if found.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return nil, syscall.EINVAL
	}
	body, err := cl.fop(ctx, gfs.OpOpen, func(b []byte) []byte {
		return gfs.AppendOpenArgs(cl.version, b, &gfs.OpenArgs{GFID: at})
	})
	if err != nil {
		return nil, err
	}
	r, err := gfs.ParseOpenReply(cl.version, body)
	if err == nil {
		err = r.Err()
	}
	return &File{client: cl, gfid: at, fd: r.FD, size: int64(found.Size)}, err
}

func (cl *Client) fop(ctx context.Context, op uint32, args func([]byte) []byte) ([]byte, error) {
	return cl.conn.call(ctx, gfs.FOP(cl.version, op), args)
}

// ReadAt implements io.ReaderAt for one goroutine at a time, one request at a
// time. No read may be in flight.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		// A brick answers large requests from one buffer: ask for no more
		// than it has at hand.
		piece := p[done:min(len(p), done+1<<20)]
		if err := f.client.Start(Read{File: f, Buf: piece, Off: off + int64(done)}); err != nil {
			return done, err
		}
		r, err := f.client.Next()
		done += r.N
		if err != nil {
			return done, err
		}
		if r.N < len(piece) {
			return done, io.EOF
		}
	}
	return done, nil
}
