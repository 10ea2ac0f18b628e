package server

import (
	"io"
	"strings"
)

// Tree holds the files of a volume. Its methods may be called from many
// goroutines. Their errors hold a [syscall.Errno]; what does not reaches
// clients as EIO.
type Tree interface {
	// Stat returns the attributes of a node; a symbolic link is not followed.
	Stat(id NodeID) (Attr, error)
	// Lookup returns the attributes of the node that name stands for in dir.
	Lookup(dir NodeID, name string) (Attr, error)
	// Open opens a regular file for reading.
	Open(id NodeID) (File, error)
	// List returns a directory's entries in a fixed order, without "." and "..".
	List(dir NodeID) ([]Entry, error)
	// Readlink returns where a symbolic link points.
	Readlink(id NodeID) (string, error)
	// Close releases what the tree holds. No server may use it any more.
	Close() error
}

// File is an open regular file.
type File interface {
	// ReadAt works as io.ReaderAt says.
	io.ReaderAt
	Stat() (Attr, error)
	Close() error
}

// describedFile is a File whose bytes the kernel can send by itself. The
// descriptor is valid until Close.
type describedFile interface {
	File
	Descriptor() int
}

// NodeID names a node of a tree for as long as the node exists, however it is
// renamed.
type NodeID [16]byte

// RootID is the topmost directory of every tree.
var RootID = NodeID{15: 1}

// Attr holds what a server tells about a node.
type Attr struct {
	ID                  NodeID
	Ino, Dev, Rdev      uint64
	Size                uint64 // bytes
	Blocks              uint64 // of 512 bytes
	Mode                uint32 // type and permissions, as st_mode
	Nlink, UID, GID     uint32
	BlockSize           uint32 // preferred for I/O, bytes
	Atime, Mtime, Ctime Timestamp
}

// Timestamp is a point in time, counted from 1970.
type Timestamp struct {
	Sec  int64
	Nsec uint32
}

// Entry is an entry of a directory.
type Entry struct {
	Name string
	Attr Attr
}

// validName reports whether name can be an entry of a directory, or be one of
// the two that every directory has.
func validName(name string) bool { return name != "" && !strings.ContainsAny(name, "/\x00") }
