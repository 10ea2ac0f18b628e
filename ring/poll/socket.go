package poll

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socket is one that the ring has taken over.
type socket struct {
	file    *os.File
	in, out half
}

func newSocket(r *Ring, fd int) (*socket, error) {
	file := os.NewFile(uintptr(fd), "socket")
	// A file that the poller does not take knows no deadlines.
	err := file.SetDeadline(time.Time{})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	s := &socket{file: file}
	s.in.init(r, s.in.receive, raw.Read, file.SetReadDeadline)
	s.out.init(r, s.out.send, raw.Write, file.SetWriteDeadline)
	return s, nil
}

func (h *half) receive(fd int) (int, error) {
	switch len(h.segments) {
	case 0:
		return 0, nil
	case 1:
		return unix.Read(fd, h.segments[0])
	}
	return h.vectors.readv(fd, h.segments)
}

func (h *half) send(fd int) (int, error) { return unix.Write(fd, h.segments[0]) }

// advance drops the first n bytes. The list keeps its memory.
func advance(segments [][]byte, n int) [][]byte {
	k := 0
	for ; k < len(segments) && n >= len(segments[k]); k++ {
		n -= len(segments[k])
	}
	if k < len(segments) {
		segments[k] = segments[k][n:]
	}
	left := copy(segments, segments[k:])
	clear(segments[left:])
	return segments[:left]
}

// errnoOf is the errno in an error of package unix.
func errnoOf(err error) unix.Errno {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return unix.EIO
}
