package gfs

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// minLegacyPairBytes is two lengths and the NUL of an empty key.
const minLegacyPairBytes = 9

// appendLegacyOpaque appends a legacy dictionary as opaque; none has no bytes.
func appendLegacyOpaque(b []byte, m Dict) []byte {
	if m == nil {
		return xdrwire.AppendUint32(b, 0)
	}
	at := len(b)
	b = AppendLegacyDict(xdrwire.AppendUint32(b, 0), m)
	n := len(b) - at - 4
	binary.BigEndian.PutUint32(b[at:], uint32(n))
	for range xdrwire.PaddedBytes(n) - n {
		b = append(b, 0)
	}
	return b
}

// legacyBytes spells numbers in decimal with a NUL that counts.
func (v *Value) legacyBytes() []byte {
	var text []byte
	switch v.Type {
	case TypeInt:
		text = strconv.AppendInt(nil, int64(v.Num), 10)
	case TypeUint:
		text = strconv.AppendUint(nil, v.Num, 10)
	case TypeDouble:
		text = strconv.AppendFloat(nil, math.Float64frombits(v.Num), 'f', 6, 64)
	default:
		return v.Bytes
	}
	return append(text, 0)
}

func (d *decoder) legacyOpaque() Dict {
	p := d.Opaque(maxDictBytes)
	if d.Err() != nil || len(p) == 0 {
		return nil
	}
	m, err := ParseLegacyDict(p)
	if err != nil {
		d.fail(err)
	}
	return m
}

// ParseLegacyDict parses a legacy dictionary, the content of the opaque that
// holds it. All values come out as [TypeStrOld]. The error is [ErrDict].
func ParseLegacyDict(b []byte) (Dict, error) {
	if len(b) < 4 {
		return nil, ErrDict
	}
	count := binary.BigEndian.Uint32(b)
	b = b[4:]
	if int64(count) > int64(len(b)/minLegacyPairBytes) {
		return nil, ErrDict
	}
	m := make(Dict, 0, count)
	for range count {
		pair, n, ok := parseLegacyPair(b)
		if !ok {
			return nil, ErrDict
		}
		m = append(m, pair)
		b = b[n:]
	}
	return m, nil
}

func parseLegacyPair(b []byte) (p Pair, n int, ok bool) {
	if len(b) < minLegacyPairBytes {
		return p, 0, false
	}
	keyBytes, valueBytes := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	// In 64 bits, where two lengths off the wire cannot overflow.
	keyEnd := 8 + int64(keyBytes)
	total := keyEnd + 1 + int64(valueBytes)
	if total > int64(len(b)) {
		return p, 0, false
	}
	key, value := b[8:keyEnd], b[keyEnd+1:total:total]
	if b[keyEnd] != 0 || bytes.IndexByte(key, 0) >= 0 {
		return p, 0, false
	}
	return Pair{Key: string(key), Value: Value{Type: TypeStrOld, Bytes: value}}, int(total), true
}

// AppendLegacyDict appends m as a legacy dictionary, without the opaque around
// it: no alignment inside, NULs after keys not counted. Numbers become decimal
// text.
func AppendLegacyDict(b []byte, m Dict) []byte {
	b = xdrwire.AppendUint32(b, uint32(len(m)))
	for i := range m {
		value := m[i].Value.legacyBytes()
		b = xdrwire.AppendUint32(b, uint32(len(m[i].Key)))
		b = xdrwire.AppendUint32(b, uint32(len(value)))
		b = append(append(b, m[i].Key...), 0)
		b = append(b, value...)
	}
	return b
}
