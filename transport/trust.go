package transport

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
