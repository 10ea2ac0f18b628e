package gfs

import (
	"bytes"
	"strconv"
)

// DataType is the type of a dictionary value (enum gf_dict_data_type_t in
// libglusterfs/src/glusterfs/glusterfs-fops.h).
type DataType int32

// Values of [DataType].
const (
	TypeStrOld DataType = 1 // GF_DATA_TYPE_STR_OLD: bytes of no stated type
	TypeInt    DataType = 2 // GF_DATA_TYPE_INT
	TypeUint   DataType = 3 // GF_DATA_TYPE_UINT
	TypeDouble DataType = 4 // GF_DATA_TYPE_DOUBLE
	TypeStr    DataType = 5 // GF_DATA_TYPE_STR
	TypePtr    DataType = 6 // GF_DATA_TYPE_PTR: how bricks send xattrs
	TypeUUID   DataType = 7 // GF_DATA_TYPE_GFUUID, 16 bytes
	TypeIatt   DataType = 8 // GF_DATA_TYPE_IATT, 148 bytes
	TypeMdata  DataType = 9 // GF_DATA_TYPE_MDATA, 36 bytes
)

// Value is a dictionary value.
type Value struct {
	Type  DataType
	Num   uint64 // TypeInt, TypeUint, and the bits of TypeDouble
	Bytes []byte // all others, as on the wire; aliases the input when parsed
}

// IntValue returns a signed number.
func IntValue(v int64) Value { return Value{Type: TypeInt, Num: uint64(v)} }

// UintValue returns an unsigned number.
func UintValue(v uint64) Value { return Value{Type: TypeUint, Num: v} }

// StringValue returns a string with the terminating NUL it has on the wire.
func StringValue(s string) Value {
	return Value{Type: TypeStr, Bytes: append([]byte(s), 0)}
}

// BytesValue returns bytes of no stated type. They are not copied.
func BytesValue(p []byte) Value { return Value{Type: TypePtr, Bytes: p} }

// Text returns the bytes up to the first NUL.
func (v Value) Text() string {
	text, _, _ := bytes.Cut(v.Bytes, []byte{0})
	return string(text)
}

// Int returns a number whether it came as one or, as in legacy dictionaries,
// as decimal text. ok is false when the value is neither or does not fit.
func (v Value) Int() (n int64, ok bool) {
	switch v.Type {
	case TypeInt:
		return int64(v.Num), true
	case TypeUint:
		return int64(v.Num), int64(v.Num) >= 0
	case TypeStr, TypeStrOld, TypePtr:
		n, err := strconv.ParseInt(v.Text(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// Pair is an entry of a dictionary. The key has no NUL in it.
type Pair struct {
	Key   string
	Value Value
}

// Dict is a dictionary in wire order. On the wire no dictionary (nil) differs
// from an empty one.
type Dict []Pair

// Get returns the value of the first pair with this key.
func (m Dict) Get(key string) (Value, bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	return Value{}, false
}

// appendXdata appends the dictionary that travels with a file operation: a
// gfx_dict in version 400, a legacy dictionary in version 330.
func appendXdata(v330 bool, b []byte, m Dict) []byte {
	if v330 {
		return appendLegacyOpaque(b, m)
	}
	return appendGfxDict(b, m)
}

func (d *decoder) xdata() Dict {
	if d.v330 {
		return d.legacyOpaque()
	}
	return d.gfxDict()
}

// ParseDict parses a gfx_dict and returns how many bytes it has. Errors are
// [xdrwire.ErrShort], [ErrDict], [*DataTypeError] and [*xdrwire.LengthError].
func ParseDict(b []byte) (m Dict, n int, err error) {
	d := newDecoder(b)
	m = d.gfxDict()
	if err := d.Err(); err != nil {
		return nil, 0, err
	}
	return m, d.Offset(), nil
}

// AppendDict appends m as a gfx_dict.
func AppendDict(b []byte, m Dict) []byte { return appendGfxDict(b, m) }
