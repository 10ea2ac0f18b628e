//go:build !amd64

package main

import "errors"

// exit is for qemu-system-x86_64: other machines have no such port.
func exit(byte) error { return errors.ErrUnsupported }
