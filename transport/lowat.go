package transport

import "golang.org/x/sys/unix"

// A large payload arrives in many pieces, and a receive that is woken up for each
// of them costs more than it brings. SO_RCVLOWAT (socket(7)) lets it sleep until
// a good part of the payload has come. Only bytes that the server owes may be
// waited for like this; where that number is unknown the mark is 1.

const (
	// lowatLeast is the shortest rest of a payload worth a system call for it.
	lowatLeast = 256 << 10
	// lowatKeep is what of it is still worth one, when the mark has to be
	// changed anyway.
	lowatKeep = 16 << 10
	// lowatMost is what a receive waits for at most: while it copies that, the
	// next part comes. With one call at a time nothing but its own rest can
	// come meanwhile, and latency counts: lowatAlone.
	lowatMost  = 1 << 20
	lowatAlone = 256 << 10
)

// setLowat sets the mark for the receive about to be armed.
func (c *Conn) setLowat() {
	if c.lowat == 1 && !c.engine.has(LowWater) {
		return
	}
	owed := 0
	if p := &c.aim.parts[0]; p.call != nil && p.call == c.rx.call {
		owed = p.n
	}
	want := 1
	switch {
	case !c.engine.has(LowWater): // no more
	case owed < lowatLeast && c.lowat == 1:
		return
	case owed >= lowatKeep && c.live == 1:
		want = min(owed, lowatAlone)
	case owed >= lowatKeep:
		want = min(owed, lowatMost)
	}
	if want == c.lowat {
		return
	}
	c.engine.stats.Syscalls++
	err := setLowWater(c.fd, want)
	if err == nil {
		c.lowat = want
		return
	}
	c.engine.demote(LowWater, err)
	if want < c.lowat {
		// The mark is above what the server owes. Ended, the connection does not
		// wait for that; the next one's mark stays where it is.
		unix.Shutdown(c.fd, unix.SHUT_RDWR)
	}
}
