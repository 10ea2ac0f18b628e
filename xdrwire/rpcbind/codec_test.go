package rpcbind

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codec is one pair of encoder and decoder under test.
type codec[T any] struct {
	appendTo func(b []byte, v *T) []byte
	parse    func(b []byte) (T, error)
	samples  []T
}

// check asserts that samples come back as they went in, that no byte of the
// encoding can be missing, and that it is not prone to shared state: the prefix
// in the slice stays.
func (c codec[T]) check(t *testing.T) {
	t.Helper()
	for i := range c.samples {
		b := c.appendTo([]byte("prefix"), &c.samples[i])
		body, ok := bytes.CutPrefix(b, []byte("prefix"))
		if !ok {
			t.Fatal("the encoder changed what was there")
		}
		got, err := c.parse(body)
		if err != nil {
			t.Fatalf("sample %d: %v", i, err)
		}
		if diff := cmp.Diff(c.samples[i], got); diff != "" {
			t.Errorf("sample %d:\n%s", i, diff)
		}
		for cut := range body {
			if _, err := c.parse(body[:cut]); err == nil {
				t.Errorf("sample %d: %d bytes of %d were enough", i, cut, len(body))
			}
		}
	}
}

// fuzz asserts for any input that is accepted: its value encodes to no more
// bytes than were read, the encoding gives the value back, and no byte of it
// can be missing.
func (c codec[T]) fuzz(f *testing.F) {
	for i := range c.samples {
		f.Add(c.appendTo(nil, &c.samples[i]))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
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
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatal(diff)
		}
		if _, err := c.parse(b[:len(b)-1]); err == nil {
			t.Fatal("the last byte was not needed")
		}
	})
}
