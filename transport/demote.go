package transport

import (
	"errors"

	"github.com/ringreadv/ringreadv/ring"
	"golang.org/x/sys/unix"
)

// A kernel, or a filter that a program puts itself under, may refuse what worked when
// it was probed. Then the engine does without from there on, and does again what was
// refused.

// isRefusal reports whether the error of a system call says that something is not to
// be had, in that form, however often it is asked for.
func isRefusal(err error) bool {
	for _, errno := range []unix.Errno{unix.EINVAL, unix.EOPNOTSUPP, unix.EPERM, unix.EACCES, unix.ENOSYS} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// isRefusedEntry is isRefusal for what an entry completes with. Filters do not see
// entries: EPERM and EACCES are a firewall's there, and a connection's end.
func isRefusedEntry(errno unix.Errno) bool {
	return errno == unix.EINVAL || errno == unix.EOPNOTSUPP
}

// demote has the engine do without an accelerator.
func (e *Engine) demote(a Accelerators, err error) {
	if !e.has(a) {
		return // another connection was first
	}
	e.uses = (e.uses &^ a).standing()
	e.stats.Demotions++
	e.opt.Logger.Warn("an accelerator is refused: going on without", "accelerator", a.String(), "err", err)
}

// refusedReceive reports whether a receive failed because of the accelerator that it
// was made with, of which there are no more. It took no byte.
func (c *Conn) refusedReceive(errno unix.Errno) bool {
	fixed := c.recvUses&(ReadFixed|ReadvFixed) != 0
	if c.recvUses == 0 || !isRefusedEntry(errno) && !(fixed && errno == unix.EFAULT) {
		return false
	}
	c.engine.demote(c.recvUses, errno)
	return true
}

// refusedSend is refusedReceive for a send.
func (c *Conn) refusedSend(errno unix.Errno) bool {
	if c.send.uses == 0 || !isRefusedEntry(errno) {
		return false
	}
	c.engine.demote(c.send.uses, errno)
	return true
}

// refusedRegister reports whether it is the table of buffers that is not to be had,
// rather than this memory that is too much or of the wrong kind for it.
func (e *Engine) refusedRegister(err error) bool {
	var forbidden *ring.ForbiddenError
	var unsupported *ring.UnsupportedError
	if !errors.As(err, &unsupported) && !errors.As(err, &forbidden) || errors.Is(err, unix.ENOMEM) {
		return false
	}
	e.demote(BufferTable, err)
	return true
}
