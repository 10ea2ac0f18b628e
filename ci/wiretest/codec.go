package wiretest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Codec is one pair of encoder and decoder under test, and the values it is
// tested with.
type Codec[T any] struct {
	appendTo func(b []byte, v *T) []byte
	parse    func(b []byte) (T, error)
	Samples  []T
	compare  cmp.Options
}

// NewCodec returns the codec of an encoder and its decoder. Values are compared
// under the options.
func NewCodec[T any](
	appendTo func([]byte, *T) []byte, parse func([]byte) (T, error), samples []T, compare ...cmp.Option,
) Codec[T] {
	return Codec[T]{appendTo, parse, samples, compare}
}

// Check asserts that samples come back as they went in, that no byte of the
// encoding can be missing, and that it is not prone to shared state: the prefix
// in the slice stays.
func (c Codec[T]) Check(t *testing.T) {
	t.Helper()
	for i := range c.Samples {
		b := c.appendTo([]byte("prefix"), &c.Samples[i])
		body, ok := bytes.CutPrefix(b, []byte("prefix"))
		if !ok {
			t.Fatal("the encoder changed what was there")
		}
		got, err := c.parse(body)
		if err != nil {
			t.Fatalf("sample %d: %v", i, err)
		}
		if diff := cmp.Diff(c.Samples[i], got, c.compare); diff != "" {
			t.Errorf("sample %d:\n%s", i, diff)
		}
		for cut := range body {
			if _, err := c.parse(body[:cut]); err == nil {
				t.Errorf("sample %d: %d bytes of %d were enough", i, cut, len(body))
			}
		}
	}
}

// Fuzz runs [Codec.CheckInput] on what grows from the samples.
func (c Codec[T]) Fuzz(f *testing.F) {
	for i := range c.Samples {
		f.Add(c.appendTo(nil, &c.Samples[i]))
	}
	f.Fuzz(c.CheckInput)
}

// CheckInput asserts for any input that is accepted: its value encodes to no
// more bytes than were read, the encoding gives the value back, and no byte of
// it can be missing.
func (c Codec[T]) CheckInput(t *testing.T, in []byte) {
	t.Helper()
	first, err := c.parse(in)
	if err != nil {
		return
	}
	b := c.appendTo(nil, &first)
	if len(b) > len(in) {
		t.Fatalf("%d bytes made %d", len(in), len(b))
	}
	second, err := c.parse(b)
	if err != nil {
		t.Fatalf("own encoding refused: %v", err)
	}
	if diff := cmp.Diff(first, second, c.compare); diff != "" {
		t.Fatal(diff)
	}
	if _, err := c.parse(b[:len(b)-1]); err == nil {
		t.Fatal("the last byte was not needed")
	}
}

// Reply is the [Decoder] of replies whose body the codec is for.
func (c Codec[T]) Reply() Decoder {
	return Reply(func(body []byte) (any, []byte, error) {
		v, err := c.parse(body)
		return v, c.appendTo(nil, &v), err
	})
}
