// Package backend is the seam between the doors of package readv and the
// protocol clients below it. A protocol turns paths into handles and a read of a
// handle into a call; everything else (queues, deadlines, splitting, joining) is
// done once, above or below it. ARCHITECTURE.md says how to add a protocol.
package backend

import (
	"context"
	"io/fs"
	"math"
	"path"
	"syscall"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

// Volume is a tree of files on servers. Methods are safe from many goroutines.
// Names are slash-separated, relative to the volume's root, and cleaned; "." is
// the root. Symbolic links are followed. Errors are typed by the protocol, and
// errors.Is knows the kinds of io/fs in them.
type Volume interface {
	// Open opens a regular file for reading.
	Open(ctx context.Context, name string) (File, error)
	// Stat gives the attributes of what the name stands for.
	Stat(ctx context.Context, name string) (Attr, error)
	// ReadDir lists a directory, without "." and "..", in no particular
	// order.
	ReadDir(ctx context.Context, name string) ([]Entry, error)
	// MaxRead is the most bytes one call may ask for.
	MaxRead() int
	// Leave takes leave of the server, as far as that is polite, within a
	// second. The engine closes the connections afterwards.
	Leave()
}

// File is an open file.
type File interface {
	// Stat asks the server.
	Stat(ctx context.Context) (Attr, error)
	// Prepare fills in r's call, but for its Iovs, so that it reads size
	// bytes at off, on a connection of this ring of the volume's. It does not
	// block and does not allocate.
	Prepare(r *Read, ring int, off int64, size int) error
	// Close gives the handle back to the server.
	Close(ctx context.Context) error
}

// Read is one read call and what its reply said. A protocol's Prepare sets
// Layout and the call; it uses Args as the memory for the encoded arguments.
type Read struct {
	Call   transport.Call
	Layout Layout
	Args   [maxArgsBytes]byte
	Asked  int
	EOF    bool // the payload reaches the end of the file
}

// maxArgsBytes fits the arguments of a read in every protocol so far.
const maxArgsBytes = 128

// Layout knows the head of a read's reply: see transport.Reply.
type Layout interface {
	UsualHead() int
	Head(r *Read, b []byte, size int) (head, payload int, err error)
}

// UsualHead implements transport.Reply.
func (r *Read) UsualHead() int { return r.Layout.UsualHead() }

// Head implements transport.Reply.
func (r *Read) Head(b []byte, size int) (head, payload int, err error) {
	return r.Layout.Head(r, b, size)
}

// Attr are the attributes of a file. It is an fs.FileInfo.
type Attr struct {
	Base    string // last element of the name
	Bytes   int64
	Bits    fs.FileMode
	Changed time.Time // modification of the content
	Native  any       // what the protocol delivered
}

func (a Attr) Name() string       { return a.Base }
func (a Attr) Size() int64        { return a.Bytes }
func (a Attr) Mode() fs.FileMode  { return a.Bits }
func (a Attr) ModTime() time.Time { return a.Changed }
func (a Attr) IsDir() bool        { return a.Bits.IsDir() }

// Sys is the protocol's own structure.
func (a Attr) Sys() any { return a.Native }

// FileSize makes a size of what a server says, which may be more than fits.
func FileSize(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// UnixMode turns st_mode into an fs.FileMode.
func UnixMode(mode uint32) fs.FileMode {
	m := fs.FileMode(mode & 0o777)
	switch mode & syscall.S_IFMT {
	case syscall.S_IFDIR:
		m |= fs.ModeDir
	case syscall.S_IFLNK:
		m |= fs.ModeSymlink
	case syscall.S_IFIFO:
		m |= fs.ModeNamedPipe
	case syscall.S_IFSOCK:
		m |= fs.ModeSocket
	case syscall.S_IFBLK:
		m |= fs.ModeDevice
	case syscall.S_IFCHR:
		m |= fs.ModeDevice | fs.ModeCharDevice
	}
	for bit, to := range map[uint32]fs.FileMode{
		syscall.S_ISUID: fs.ModeSetuid, syscall.S_ISGID: fs.ModeSetgid, syscall.S_ISVTX: fs.ModeSticky,
	} {
		if mode&bit != 0 {
			m |= to
		}
	}
	return m
}

// Clean makes a name relative to the root, whatever slashes it has.
func Clean(name string) string {
	name = path.Clean("/" + name)[1:]
	if name == "" {
		return "."
	}
	return name
}
