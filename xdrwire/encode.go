package xdrwire

import "encoding/binary"

// zeros pads values to the XDR unit of four bytes.
var zeros [3]byte

// padBytes is how many zero bytes follow n bytes of data (RFC 4506 §3).
func padBytes(n int) int { return -n & 3 }

// PaddedBytes is the size n bytes of data take on the wire, without a length.
func PaddedBytes(n int) int { return n + padBytes(n) }

// AppendUint32 appends an unsigned integer (RFC 4506 §4.2).
func AppendUint32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }

// AppendInt32 appends an integer (RFC 4506 §4.1).
func AppendInt32(b []byte, v int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }

// AppendUint64 appends an unsigned hyper (RFC 4506 §4.5).
func AppendUint64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }

// AppendInt64 appends a hyper (RFC 4506 §4.5).
func AppendInt64(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }

// AppendBool appends a boolean (RFC 4506 §4.4).
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0, 0, 0, 1)
	}
	return append(b, 0, 0, 0, 0)
}

// AppendFixed appends fixed-length opaque data: the bytes and their padding
// (RFC 4506 §4.9).
func AppendFixed(b, p []byte) []byte {
	b = append(b, p...)
	return append(b, zeros[:padBytes(len(p))]...)
}

// AppendOpaque appends variable-length opaque data: length, bytes, padding
// (RFC 4506 §4.10).
func AppendOpaque(b, p []byte) []byte {
	return AppendFixed(AppendUint32(b, uint32(len(p))), p)
}

// AppendString appends a string: length, bytes, padding (RFC 4506 §4.11).
func AppendString(b []byte, s string) []byte {
	b = append(AppendUint32(b, uint32(len(s))), s...)
	return append(b, zeros[:padBytes(len(s))]...)
}
