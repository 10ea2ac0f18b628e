package server

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// fileSender sends bytes followed by a piece of a file, which the kernel takes
// from the page cache without a copy.
type fileSender struct {
	socket syscall.RawConn
	step   func(fd uintptr) bool // sendStep, bound once: binding allocates

	head []byte
	file int
	off  int64
	left int
	err  error
}

// newFileSender returns nil when nc is not a socket of the kernel.
func newFileSender(nc net.Conn) *fileSender {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	socket, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	s := &fileSender{socket: socket}
	s.step = s.sendStep
	return s
}

func (s *fileSender) send(head []byte, file int, off int64, n int) error {
	s.head, s.file, s.off, s.left, s.err = head, file, off, n, nil
	err := s.socket.Write(s.step)
	s.head = nil
	return errors.Join(s.err, err)
}

// sendStep reports whether it is done; if not, it wants to be called again
// when the socket has room.
func (s *fileSender) sendStep(fd uintptr) bool {
	for s.err == nil && (len(s.head) > 0 || s.left > 0) {
		var n int
		if len(s.head) > 0 {
			// Not a segment of its own: the file's bytes come at once.
			n, s.err = syscall.SendmsgN(int(fd), s.head, nil, nil, syscall.MSG_NOSIGNAL|unix.MSG_MORE)
			s.head = s.head[max(n, 0):]
		} else {
			n, s.err = syscall.Sendfile(int(fd), s.file, &s.off, s.left)
			s.left -= max(n, 0)
			if n == 0 && s.err == nil {
				s.err = errShrunk
			}
		}
		switch {
		case errors.Is(s.err, syscall.EAGAIN):
			s.err = nil
			return false
		case errors.Is(s.err, syscall.EINTR):
			s.err = nil
		}
	}
	return true
}
