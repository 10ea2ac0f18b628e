package gfs

import (
	"fmt"
	"testing"

	"github.com/ringreadv/ringreadv/ci/wiretest"
)

// codec is one pair of encoder and decoder under test. Those without versions
// ignore vers.
type codec[T any] struct {
	appendTo func(vers uint32, b []byte, v *T) []byte
	parse    func(vers uint32, b []byte) (T, error)
	samples  []T
}

func unversioned[T any](appendTo func([]byte, *T) []byte, parse func([]byte) (T, error), samples ...T) codec[T] {
	return codec[T]{
		func(_ uint32, b []byte, v *T) []byte { return appendTo(b, v) },
		func(_ uint32, b []byte) (T, error) { return parse(b) },
		samples,
	}
}

var versions = []uint32{V330, V400}

// sampleIatt fills every field with a value of its own, within what version
// 330 can carry.
var sampleIatt = Iatt{
	GFID: GFID{1, 2, 3, 15: 16}, Ino: 0x1122334455667788, Dev: 2, Rdev: 3, Size: 1 << 40, Blocks: 5,
	Mode: 0o100644, Nlink: 7, UID: 8, GID: 9, BlockSize: 10,
	Atime: Timestamp{11, 12}, Mtime: Timestamp{13, 14}, Ctime: Timestamp{0xffffffff, 16},
}

// only400 adds what version 330 has no room for.
func only400(a Iatt) Iatt {
	a.Flags, a.Attributes, a.AttributesMask, a.Btime = 0x17ff, 21, 22, Timestamp{-23, 24}
	return a
}

var sampleDict = Dict{
	{"glusterfs.open-fd-count", Value{Type: TypeStrOld, Bytes: []byte("12\x00")}},
	{"trusted.afr.dirty", Value{Type: TypeStrOld, Bytes: make([]byte, 12)}},
	{"empty", Value{Type: TypeStrOld, Bytes: []byte{}}},
}

var (
	failed    = Result{Ret: -1, Errno: 2}
	succeeded = Result{Ret: 3, Errno: 0}
)

// at is the codec as the version has it.
func (c codec[T]) at(vers uint32) wiretest.Codec[T] {
	return wiretest.NewCodec(
		func(b []byte, v *T) []byte { return c.appendTo(vers, b, v) },
		func(b []byte) (T, error) { return c.parse(vers, b) },
		c.samples,
	)
}

func (c codec[T]) check(t *testing.T) {
	for _, vers := range versions {
		t.Run(fmt.Sprint(vers), c.at(vers).Check)
	}
}

func (c codec[T]) fuzz(f *testing.F) {
	for _, vers := range versions {
		for i := range c.samples {
			f.Add(vers == V330, c.appendTo(vers, nil, &c.samples[i]))
		}
	}
	f.Fuzz(func(t *testing.T, v330 bool, in []byte) {
		vers := uint32(V400)
		if v330 {
			vers = V330
		}
		c.at(vers).CheckInput(t, in)
	})
}
