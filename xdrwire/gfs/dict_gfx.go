package gfs

import (
	"bytes"
	"encoding/binary"

	"github.com/ringreadv/ringreadv/xdrwire"
)

const (
	gfxDictFixedBytes = 12 // xdr_size, count, number of pairs
	minGfxPairBytes   = 16 // key length, key, type, the shortest value
	mdataBytes        = 36
)

// appendGfxDict appends a gfx_dict. xdr_size counts what follows the three
// fixed words: the receiver of a READ reply finds the payload by it.
func appendGfxDict(b []byte, m Dict) []byte {
	at := len(b)
	b = xdrwire.AppendUint32(b, 0)
	if m == nil {
		b = xdrwire.AppendInt32(b, -1)
		return xdrwire.AppendUint32(b, 0)
	}
	b = xdrwire.AppendUint32(b, uint32(len(m)))
	b = xdrwire.AppendUint32(b, uint32(len(m)))
	for i := range m {
		b = appendKey(b, m[i].Key)
		b = appendGfxValue(b, &m[i].Value)
	}
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-gfxDictFixedBytes))
	return b
}

// appendKey appends a key as opaque, its NUL counted.
func appendKey(b []byte, key string) []byte {
	n := len(key) + 1
	b = append(xdrwire.AppendUint32(b, uint32(n)), key...)
	for range xdrwire.PaddedBytes(n) - len(key) {
		b = append(b, 0)
	}
	return b
}

func appendGfxValue(b []byte, v *Value) []byte {
	b = xdrwire.AppendInt32(b, int32(v.Type))
	switch v.Type {
	case TypeInt, TypeUint, TypeDouble:
		return xdrwire.AppendUint64(b, v.Num)
	case TypeUUID, TypeIatt, TypeMdata:
		return xdrwire.AppendFixed(b, v.Bytes)
	}
	return xdrwire.AppendOpaque(b, v.Bytes)
}

func (d *decoder) gfxDict() Dict {
	size, count, pairs := d.Uint32(), d.Int32(), d.Uint32()
	if d.Err() != nil {
		return nil
	}
	if count == -1 && size == 0 && pairs == 0 {
		return nil
	}
	if size > maxDictBytes {
		d.fail(&xdrwire.LengthError{Length: size, Max: maxDictBytes})
		return nil
	}
	if count < 0 || uint32(count) != pairs || pairs > size/minGfxPairBytes {
		d.fail(ErrDict)
		return nil
	}
	body := d.Fixed(int(size))
	if d.Err() != nil {
		return nil
	}
	// Read inside the stated size, so that a pair cannot eat what follows.
	in := newDecoder(body)
	m := make(Dict, 0, pairs)
	for range pairs {
		m = append(m, Pair{Key: in.key(), Value: in.gfxValue()})
		if in.Err() != nil {
			break
		}
	}
	switch {
	case in.err != nil:
		d.fail(in.err)
	case in.Err() != nil || in.Remaining() != 0:
		d.fail(ErrDict)
	default:
		return m
	}
	return nil
}

func (d *decoder) key() string {
	key := d.Opaque(maxDictBytes)
	if d.Err() != nil {
		return ""
	}
	name, rest, terminated := bytes.Cut(key, []byte{0})
	if !terminated || len(rest) != 0 {
		d.fail(ErrDict)
		return ""
	}
	return string(name)
}

func (d *decoder) gfxValue() Value {
	v := Value{Type: DataType(d.Int32())}
	switch v.Type {
	case TypeInt, TypeUint, TypeDouble:
		v.Num = d.Uint64()
	case TypeUUID:
		v.Bytes = d.Fixed(len(GFID{}))
	case TypeIatt:
		v.Bytes = d.Fixed(iattBytesV400)
	case TypeMdata:
		v.Bytes = d.Fixed(mdataBytes)
	case TypeStr, TypePtr, TypeStrOld:
		v.Bytes = d.Opaque(maxDictBytes)
	default:
		d.fail(&DataTypeError{Type: v.Type})
	}
	return v
}
