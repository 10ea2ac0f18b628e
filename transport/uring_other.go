//go:build !linux

package transport

import "github.com/ringreadv/ringreadv/ring"

func newURing() (backing, error) {
	return backing{}, &ring.UnsupportedError{Feature: "io_uring", Since: "5.1"}
}
