package gfs

import (
	"encoding/binary"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Sizes of the head of a READ reply, from the end of the RPC header to the
// payload, when no dictionary comes with it. Bricks send none unless the
// request had one.
const (
	ReadHeadBytesV400 = 8 + iattBytesV400 + 4 + gfxDictFixedBytes
	ReadHeadBytesV330 = 8 + iattBytesV330 + 4 + 4
)

// Where the fields of the head are.
const (
	readStat         = 8
	readFileSizeV400 = readStat + 48
	readModeV400     = readStat + 144
	readSizeV400     = readStat + iattBytesV400
	readDictSize     = readSizeV400 + 4

	readModeV330     = readStat + 32
	readFileSizeV330 = readStat + 56
	readSizeV330     = readStat + iattBytesV330
	readXdataLength  = readSizeV330 + 4
)

// ReadHead is what a reader needs of the head of a READ reply.
type ReadHead struct {
	Ret      int32 // length of the payload, or negative
	Errno    int32
	Size     uint32 // length of the payload, as stated a second time
	Mode     uint32 // of the file, as st_mode
	FileSize uint64 // bytes
}

// ParseReadReplyHead parses the head of a READ reply without allocating. b
// starts after the RPC reply header; the payload starts at b[n:]. With
// [xdrwire.ErrShort] n is how many bytes the head has as far as is known, more
// than len(b). Other errors are [ErrDict] and [*xdrwire.LengthError]. No length
// is to be trusted before [ReadHead.Check].
func ParseReadReplyHead(vers uint32, b []byte) (r ReadHead, n int, err error) {
	if is330(vers) {
		return parseReadHead330(b)
	}
	if len(b) < ReadHeadBytesV400 {
		return r, ReadHeadBytesV400, xdrwire.ErrShort
	}
	b0 := b[:ReadHeadBytesV400] // one bounds check for all
	r.Ret = int32(binary.BigEndian.Uint32(b0))
	r.Errno = int32(binary.BigEndian.Uint32(b0[4:]))
	r.FileSize = binary.BigEndian.Uint64(b0[readFileSizeV400:])
	r.Mode = binary.BigEndian.Uint32(b0[readModeV400:])
	r.Size = binary.BigEndian.Uint32(b0[readSizeV400:])
	dict := binary.BigEndian.Uint32(b0[readDictSize:])
	if dict%4 != 0 {
		return r, 0, ErrDict
	}
	return r.end(b, ReadHeadBytesV400, dict)
}

func parseReadHead330(b []byte) (r ReadHead, n int, err error) {
	if len(b) < ReadHeadBytesV330 {
		return r, ReadHeadBytesV330, xdrwire.ErrShort
	}
	b0 := b[:ReadHeadBytesV330]
	r.Ret = int32(binary.BigEndian.Uint32(b0))
	r.Errno = int32(binary.BigEndian.Uint32(b0[4:]))
	r.Mode = binary.BigEndian.Uint32(b0[readModeV330:])
	r.FileSize = binary.BigEndian.Uint64(b0[readFileSizeV330:])
	r.Size = binary.BigEndian.Uint32(b0[readSizeV330:])
	return r.end(b, ReadHeadBytesV330, binary.BigEndian.Uint32(b0[readXdataLength:]))
}

// end adds the dictionary, unread, to the fixed part of the head.
func (r ReadHead) end(b []byte, fixed int, dict uint32) (ReadHead, int, error) {
	if dict > maxDictBytes {
		return r, 0, &xdrwire.LengthError{Length: dict, Max: maxDictBytes}
	}
	n := fixed + xdrwire.PaddedBytes(int(dict))
	if len(b) < n {
		return r, n, xdrwire.ErrShort
	}
	return r, n, nil
}

// Check compares what the head says with the bytes asked for and the bytes of
// the record after the head. The error is [ErrReadLength]: no byte may land.
func (r ReadHead) Check(asked uint32, payload int) error {
	want := max(int64(r.Ret), 0)
	if int64(payload) != want || int64(r.Size) != want || want > int64(asked) {
		return ErrReadLength
	}
	return nil
}

// Result returns the outcome of the READ; see [Result.Err].
func (r ReadHead) Result() Result { return Result{Ret: r.Ret, Errno: r.Errno} }

// EOF reports whether the payload reaches the end of the file.
func (r ReadHead) EOF() bool { return r.Ret >= 0 && r.Errno == errnoENOENT }

// errnoENOENT is what bricks set at the end of a file (posix_readv).
const errnoENOENT = 2
