package nfs3

import (
	"encoding/binary"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Sizes of the head of a READ reply, from the RPC header to the payload.
const (
	// MinReadHeadBytes is the least that follows the RPC header of any READ
	// reply: the status and whether attributes follow.
	MinReadHeadBytes = 8
	// ReadHeadBytes is the head of a success with attributes, which is what
	// servers send.
	ReadHeadBytes = MinReadHeadBytes + FattrBytes + readLengthsBytes

	readLengthsBytes = 12 // count, eof, length
)

// readFileSize is where the size of the file is, if attributes follow.
const readFileSize = MinReadHeadBytes + 20

// ReadHead is what a reader needs of the head of a READ reply. After a failure
// only Status, HasAttr and FileSize count.
type ReadHead struct {
	Status   Status
	Count    uint32 // bytes that were read
	EOF      bool   // the payload reaches the end of the file
	Length   uint32 // bytes of payload, without the padding after it
	HasAttr  bool   // the server sent attributes: FileSize counts
	FileSize uint64 // bytes
}

// ParseReadReplyHead parses the head of a READ reply without allocating. b
// starts after the RPC reply header; the payload starts at b[n:]. After a
// failure there is none and n is where the reply ends. With [xdrwire.ErrShort] n
// is how many bytes the head has as far as is known, more than len(b). The
// other error is [xdrwire.ErrBool]. No length is to be trusted before
// [ReadHead.Check].
func ParseReadReplyHead(b []byte) (r ReadHead, n int, err error) {
	if len(b) < MinReadHeadBytes {
		return r, MinReadHeadBytes, xdrwire.ErrShort
	}
	r.Status = Status(binary.BigEndian.Uint32(b))
	n = MinReadHeadBytes
	if r.HasAttr, err = readBool(b[4:]); err != nil {
		return r, 0, err
	}
	if r.HasAttr {
		n += FattrBytes
	}
	if r.Status == StatusOK {
		n += readLengthsBytes
	}
	if len(b) < n {
		return r, n, xdrwire.ErrShort
	}
	if r.HasAttr {
		r.FileSize = binary.BigEndian.Uint64(b[readFileSize:])
	}
	if r.Status == StatusOK {
		lengths := b[n-readLengthsBytes : n]
		r.Count = binary.BigEndian.Uint32(lengths)
		if r.EOF, err = readBool(lengths[4:]); err != nil {
			return r, 0, err
		}
		r.Length = binary.BigEndian.Uint32(lengths[8:])
	}
	return r, n, nil
}

func readBool(b []byte) (bool, error) {
	v := binary.BigEndian.Uint32(b)
	if v > 1 {
		return false, xdrwire.ErrBool
	}
	return v == 1, nil
}

// Check compares what the head says with the bytes asked for. The error is
// [ErrReadLength]: no byte may land. That Length, padded, also ends the record
// is for whoever sees the record's marks to check.
func (r ReadHead) Check(asked uint32) error {
	if r.Count != r.Length || r.Count > asked {
		return ErrReadLength
	}
	return nil
}
