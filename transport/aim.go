package transport

import "github.com/ringreadv/ringreadv/xdrwire"

// aim is where one receive puts the stream's next bytes: its parts, in order.
type aim struct {
	plan  Plan
	parts []part
	// certain: the server owes every one of these bytes without being asked
	// for anything more, so that waiting for all of them cannot hang.
	certain bool
}

// part is one piece of an aim: the next bytes of staging memory, or a place in
// the memory of a call.
type part struct {
	call *Call // nil: staging
	at   cursor
	n    int
}

const (
	// smallPayload is the largest read whose copy costs less than a receive of
	// its own.
	smallPayload = 16 << 10
	// maxGuesses and maxGuessBytes bound the payloads that one receive hopes
	// for, and with them what a wrong guess has to move.
	maxGuesses    = 8
	maxGuessBytes = 1 << 20
)

func (a *aim) reset(p Plan) {
	a.plan, a.parts, a.certain = p, a.parts[:0], false
}

// bytes is how many bytes the receive takes at most.
func (a *aim) bytes() (n int) {
	for i := range a.parts {
		n += a.parts[i].n
	}
	return n
}

// stage adds n bytes of staging memory.
func (a *aim) stage(n int) {
	if last := len(a.parts) - 1; last >= 0 && a.parts[last].call == nil {
		a.parts[last].n += n
	} else if n > 0 {
		a.parts = append(a.parts, part{n: n})
	}
}

// place adds n bytes of a call's memory.
func (a *aim) place(c *Call, at cursor, n int) {
	if n > 0 {
		a.parts = append(a.parts, part{call: c, at: at, n: n})
	}
}

// sight is what a plan goes by besides the stream.
type sight struct {
	plan   Plan // not PlanAuto
	header int  // bytes from the start of any record that are free of payload
	room   int  // bytes of staging memory
	small  int  // bytes of payload that may rather go through it
}

// aimNext plans the next receive.
func (r *receiver) aimNext(a *aim, s sight) {
	a.reset(s.plan)
	s.header = min(s.header, s.room)
	switch {
	case r.phase == phasePayload && r.fragment > 0:
		r.aimPayload(a, s)
	case s.plan == PlanStaged:
		a.stage(s.room)
	case r.fragment == 0 && r.recordOpen():
		// The mark of the next fragment.
		a.stage(len(r.mark) - r.markLen)
		a.certain = true
	case r.fragment == 0 && s.plan == PlanSpeculative:
		r.guess(a, s, -r.markLen)
	case r.fragment == 0:
		a.stage(s.header - r.markLen)
	case r.phase == phaseHead:
		a.stage(min(r.fragment, r.want-len(r.head), s.room))
		a.certain = true
	default: // body, padding or what is dropped
		a.stage(min(r.fragment, s.room))
		// What is dropped is looked at as it comes: it is a sign of life.
		a.certain = r.phase != phaseDrain
	}
}

// aimPayload plans a receive that starts inside a payload. Its end is owed, what
// follows only hoped for.
func (r *receiver) aimPayload(a *aim, s sight) {
	n := min(r.left, r.fragment)
	rest := r.fragment - n // of this fragment: padding
	a.place(r.call, r.call.cursor, n)
	switch {
	case s.plan == PlanExact:
		a.certain = true
	case s.plan == PlanStaged:
		a.stage(s.room)
	case n < r.left || !r.last:
		a.stage(min(rest+xdrwire.MarkBytes, s.room))
	case s.plan == PlanSpeculative:
		r.guess(a, s, rest)
	default:
		a.stage(min(rest+s.header, s.room))
	}
}

// guess plans for whole replies, in the order of the calls. lead is how far away
// the next record is; negative inside its mark.
func (r *receiver) guess(a *aim, s sight, lead int) {
	room, guesses, payload := s.room, 0, 0
	for c := r.calls.expected(nil); c != nil && c.Reply != nil && r.headBytes > 0; c = r.calls.expected(c) {
		n, pad := lead+r.headBytes, xdrwire.PaddedBytes(c.size)-c.size
		if c.size <= s.small {
			n += c.size + pad
		} else {
			guesses, payload = guesses+1, payload+c.size
		}
		if n > room || guesses > maxGuesses || payload > maxGuessBytes {
			break
		}
		a.stage(n)
		room, lead = room-n, 0
		if c.size > s.small {
			a.place(c, cursor{}, c.size)
			lead = pad
		}
	}
	if n := min(lead+s.header, room); n > 0 {
		a.stage(n)
	}
}

// recordOpen reports whether the stream stands inside a record.
func (r *receiver) recordOpen() bool { return r.record > 0 || r.empty > 0 }
