package server_test

import (
	"slices"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// nfsWrite is a call that writes.
type nfsWrite struct {
	name  string
	proc  uint32
	args  []byte
	reply int // bytes of a failure without attributes
}

func nfsWrites(dir, file nfs3.FileHandle) []nfsWrite {
	words := func(v ...uint32) (b []byte) {
		for _, w := range v {
			b = xdrwire.AppendUint32(b, w)
		}
		return b
	}
	of := xdrwire.AppendOpaque(nil, file.Bytes())
	in := func(name string) []byte { return xdrwire.AppendString(xdrwire.AppendOpaque(nil, dir.Bytes()), name) }
	text := xdrwire.AppendString(nil, "text")
	nothing := make([]byte, 6*4) // the attributes that change none
	return []nfsWrite{
		{"SETATTR", 2, slices.Concat(of, nothing, words(0)), 12},
		{"WRITE", 7, slices.Concat(of, words(0, 0, 4, 0), text), 12},
		{"CREATE", 8, slices.Concat(in("new"), words(0), nothing), 12},
		{"MKDIR", 9, slices.Concat(in("new"), nothing), 12},
		{"SYMLINK", 10, slices.Concat(in("new"), nothing, text), 12},
		{"MKNOD", 11, slices.Concat(in("new"), words(uint32(nfs3.TypeFIFO)), nothing), 12},
		{"REMOVE", 12, in("file"), 12},
		{"RMDIR", 13, in("dir"), 12},
		{"RENAME", 14, slices.Concat(in("file"), in("new")), 20},
		{"LINK", 15, slices.Concat(of, in("new")), 16},
		{"COMMIT", 21, slices.Concat(of, words(0, 0, 0)), 12},
	}
}
