package server

import (
	"syscall"

	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// brickSession is what a brick keeps for one connection.
type brickSession struct {
	bound bool     // SETVOLUME has succeeded
	fds   []openFD // by descriptor
}

// openFD is a descriptor; one that is not in use has neither file nor dir.
type openFD struct {
	file File
	dir  *openDir
}

func (f *openFD) free() bool { return f.file == nil && f.dir == nil }

// openDir is a directory as it was when the client began to read it.
type openDir struct {
	id      NodeID
	entries []gfs.DirEntry
}

// add returns the lowest number free, as bricks do: zero at first.
func (s *brickSession) add(f openFD) int64 {
	for i := range s.fds {
		if s.fds[i].free() {
			s.fds[i] = f
			return int64(i)
		}
	}
	s.fds = append(s.fds, f)
	return int64(len(s.fds) - 1)
}

// get fails with EBADF.
func (s *brickSession) get(fd int64) (*openFD, error) {
	if fd < 0 || fd >= int64(len(s.fds)) || s.fds[fd].free() {
		return nil, syscall.EBADF
	}
	return &s.fds[fd], nil
}

// release does nothing for a descriptor that is not open.
func (s *brickSession) release(fd int64) {
	f, err := s.get(fd)
	if err != nil {
		return
	}
	if f.file != nil {
		f.file.Close() // was only read
	}
	*f = openFD{}
}

func (s *brickSession) close() {
	for fd := range s.fds {
		s.release(int64(fd))
	}
}
