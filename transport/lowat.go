package transport

import "golang.org/x/sys/unix"

// A large payload arrives in many pieces, and a receive that is woken up for each
// of them costs more than it brings. SO_RCVLOWAT (socket(7)) lets it sleep until
// a good part of the payload has come. Only bytes that the server owes may be
// waited for like this; where that number is unknown the mark is 1.

const (
	// lowatLeast is the shortest rest of a payload worth a system call for it.
	lowatLeast = 64 << 10
	// lowatMost is what a receive waits for at most: while it copies that, the
	// next part comes.
	lowatMost = 1 << 20
)

// setLowat sets the mark for the receive about to be armed.
func (c *Conn) setLowat() {
	owed := 0
	if p := &c.aim.parts[0]; p.call != nil && p.call == c.rx.call {
		owed = p.n
	}
	want := 1
	switch {
	case owed < lowatLeast:
	case c.lowat <= owed && c.lowat > owed/4:
		return // near enough
	default:
		want = min(owed, lowatMost)
	}
	if want == c.lowat {
		return
	}
	c.engine.stats.Syscalls++
	if unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVLOWAT, want) == nil {
		c.lowat = want
	}
}
