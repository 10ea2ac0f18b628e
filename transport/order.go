package transport

// sentCalls are the calls whose reply is outstanding, in the order of sending.
type sentCalls struct {
	head, tail *Call
}

func (l *sentCalls) push(c *Call) {
	c.sentPrev, c.sentNext = l.tail, nil
	if l.tail == nil {
		l.head = c
	} else {
		l.tail.sentNext = c
	}
	l.tail = c
}

func (l *sentCalls) remove(c *Call) {
	if c.sentPrev == nil {
		l.head = c.sentNext
	} else {
		c.sentPrev.sentNext = c.sentNext
	}
	if c.sentNext == nil {
		l.tail = c.sentPrev
	} else {
		c.sentNext.sentPrev = c.sentPrev
	}
	c.sentPrev, c.sentNext = nil, nil
}

// trust is how far a server may be expected to answer in order.
type trust struct {
	run  int // replies in order, one after the other
	need int // as many earn a guess
}

const (
	needAtFirst = 16
	// needAfterMiss keeps what wrong guesses move below a hundredth of what is
	// read, even if every one of them has maxGuesses payloads to move.
	needAfterMiss = 128 * maxGuesses
)

func (t *trust) replied(inOrder bool) {
	if !inOrder {
		t.run = 0
		return
	}
	t.run++
}

func (t *trust) missed() { t.run, t.need = 0, needAfterMiss }

func (t *trust) earned() bool { return t.run >= t.need }
