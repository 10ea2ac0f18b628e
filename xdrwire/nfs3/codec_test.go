package nfs3

import (
	"bytes"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringreadv/ringreadv/ci/wiretest"
)

// whole lets cmp see into the types that keep their bytes to themselves.
var whole = cmp.Options{
	cmpopts.EquateComparable(FileHandle{}),
	cmp.Comparer(func(a, b DirEntries) bool { return bytes.Equal(a.wire, b.wire) }),
}

// codecOf makes codecs that see into those types.
func codecOf[T any](appendTo func([]byte, *T) []byte, parse func([]byte) (T, error), samples []T) wiretest.Codec[T] {
	return wiretest.NewCodec(appendTo, parse, samples, whole)
}
