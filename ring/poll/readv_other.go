//go:build !linux || race

package poll

import "golang.org/x/sys/unix"

// vectors keep nothing here. unix.Readv tells the race detector what is written.
type vectors struct{}

func (*vectors) readv(fd int, segments [][]byte) (int, error) { return unix.Readv(fd, segments) }
