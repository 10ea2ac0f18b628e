package mount3

import (
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// whole lets cmp compare handles, which keep their bytes to themselves.
var whole = cmpopts.EquateComparable(nfs3.FileHandle{})

// codecOf makes codecs that compare handles.
func codecOf[T any](appendTo func([]byte, *T) []byte, parse func([]byte) (T, error), samples []T) wiretest.Codec[T] {
	return wiretest.NewCodec(appendTo, parse, samples, whole)
}
