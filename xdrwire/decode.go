package xdrwire

import "encoding/binary"

// Decoder reads XDR values from the front of a slice.
//
// The first failure sticks: every later read returns zero and moves nothing,
// so a caller reads a whole structure and asks [Decoder.Err] once. Slices it
// returns alias the input. It is a value; a copy is an independent reader, and
// one Decoder belongs to one goroutine.
type Decoder struct {
	b      []byte
	off    int
	err    error
	length uint32 // with tooLong: what LengthError tells
	max    int
	long   bool
}

// NewDecoder returns a Decoder at the start of b.
func NewDecoder(b []byte) Decoder { return Decoder{b: b} }

// Err returns the first failure: [ErrShort], [ErrBool], [ErrNegative] or a
// [*LengthError].
func (d *Decoder) Err() error {
	if d.long {
		return &LengthError{Length: d.length, Max: d.max}
	}
	return d.err
}

// failed spares the allocation that Err makes for a LengthError.
func (d *Decoder) failed() bool { return d.err != nil || d.long }

// Remaining returns how many bytes have not been read.
func (d *Decoder) Remaining() int { return len(d.b) - d.off }

// Offset returns how many bytes have been read.
func (d *Decoder) Offset() int { return d.off }

// take returns the next n bytes of input, or nil after a failure.
func (d *Decoder) take(n int) []byte {
	switch {
	case d.failed():
		return nil
	case n < 0:
		d.err = ErrNegative
		return nil
	case n > d.Remaining():
		d.err = ErrShort
		return nil
	}
	p := d.b[d.off : d.off+n : d.off+n]
	d.off += n
	return p
}

// Uint32 reads an unsigned integer.
func (d *Decoder) Uint32() uint32 {
	if p := d.take(4); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

// Int32 reads an integer.
func (d *Decoder) Int32() int32 { return int32(d.Uint32()) }

// Uint64 reads an unsigned hyper.
func (d *Decoder) Uint64() uint64 {
	if p := d.take(8); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

// Int64 reads a hyper.
func (d *Decoder) Int64() int64 { return int64(d.Uint64()) }

// Bool reads a boolean; any value but 0 and 1 is [ErrBool].
func (d *Decoder) Bool() bool {
	v := d.Uint32()
	if v > 1 {
		d.err = ErrBool
		d.off -= 4
	}
	return v == 1
}

// Fixed reads n bytes of opaque data and passes over their padding, whose
// content is not looked at.
func (d *Decoder) Fixed(n int) []byte {
	if d.failed() {
		return nil
	}
	if n < 0 {
		d.err = ErrNegative
		return nil
	}
	// Compared this way round so that no sum can overflow.
	if n > d.Remaining() || padBytes(n) > d.Remaining()-n {
		d.err = ErrShort
		return nil
	}
	p := d.b[d.off : d.off+n : d.off+n]
	d.off += PaddedBytes(n)
	return p
}

// Opaque reads variable-length opaque data. A length above max is a
// [*LengthError], whether or not the bytes are there.
func (d *Decoder) Opaque(max int) []byte {
	start := d.off
	n := d.Uint32()
	if d.failed() {
		return nil
	}
	if int64(n) > int64(max) {
		d.long, d.length, d.max = true, n, max
		d.off = start
		return nil
	}
	p := d.Fixed(int(n))
	if d.failed() {
		d.off = start
	}
	return p
}

// String reads a string of at most max bytes. The string is a copy, the only
// thing a Decoder allocates: Go strings do not change, receive buffers do. Use
// [Decoder.Opaque] where the copy matters.
func (d *Decoder) String(max int) string { return string(d.Opaque(max)) }

// Skip passes over n bytes.
func (d *Decoder) Skip(n int) { d.take(n) }
