package xdrwire

import (
	"encoding/binary"
	"fmt"
)

const (
	// MarkBytes is the size of a record mark (RFC 5531 §11).
	MarkBytes = 4
	// MaxFragmentBytes is the longest fragment a mark can announce.
	MaxFragmentBytes = 1<<31 - 1

	lastFragment = 1 << 31
)

// Mark is the word before each fragment of a record on a stream: the length of
// the fragment without the mark, and whether it is the record's last
// (RFC 5531 §11).
type Mark uint32

// MakeMark returns the mark of a fragment of n bytes. It panics when n is
// negative or above [MaxFragmentBytes]; n is the caller's, never the peer's.
func MakeMark(n int, last bool) Mark {
	if n < 0 || n > MaxFragmentBytes {
		panic(fmt.Sprintf("xdrwire: fragment of %d bytes", n))
	}
	if last {
		return Mark(n) | lastFragment
	}
	return Mark(n)
}

// Len returns the length of the fragment in bytes, the mark not counted.
func (m Mark) Len() int { return int(m &^ lastFragment) }

// Last reports whether the fragment ends its record.
func (m Mark) Last() bool { return m&lastFragment != 0 }

// PutMark writes m to the first [MarkBytes] of b, which must have them.
func PutMark(b []byte, m Mark) { binary.BigEndian.PutUint32(b, uint32(m)) }

// ParseMark reads the mark in the first [MarkBytes] of b, which must have them.
func ParseMark(b []byte) Mark { return Mark(binary.BigEndian.Uint32(b)) }
