package transport

// Stats are an engine's counters since it was made, and two gauges.
type Stats struct {
	Accepted, Reported uint64 // calls taken in, calls handed back
	Failed             uint64 // of those reported

	SentBytes, ReceivedBytes uint64 // on the wire
	PayloadBytes             uint64 // delivered to callers
	// CopiedBytes is payload moved by the CPU after the kernel delivered it:
	// out of staging, out of a bounce buffer, or where a guess was wrong.
	CopiedBytes uint64

	Syscalls uint64 // io_uring_enter, eventfd, SO_RCVLOWAT
	Sends    uint64 // completed send entries
	Receives uint64 // completed receive entries

	// How receives were aimed, with calls outstanding.
	ExactReceives, OverlapReceives, StagedReceives, SpeculativeReceives uint64

	FixedReceives uint64 // of the exact ones, into a registered buffer
	WrongGuesses  uint64 // of the speculative ones, with bytes that had to be moved

	// Demotions are accelerators that were refused while the engine went by
	// them: [Engine.Accelerators] says what is left.
	Demotions uint64

	Pauses uint64 // before receives, for replies to gather

	ServerCalls    uint64 // one-way calls from servers, taken in and dropped
	LateReplies    uint64 // replies to calls given up, dropped
	UnknownReplies uint64 // replies to nothing, dropped
	OutOfOrder     uint64 // replies that overtook an older call's

	Parks       uint64 // waits that ended on the runtime's poller
	LostConns   uint64 // connections that ended by themselves
	Reconnects  uint64 // of those, replaced by a new one
	Resends     uint64 // calls sent again because their connection ended
	Pings       uint64 // sent to servers that were silent
	Connections int    // now
	InFlight    int    // calls accepted and not popped, now
}

// aimed counts a receive.
func (s *Stats) aimed(p Plan) {
	switch p {
	case PlanExact:
		s.ExactReceives++
	case PlanOverlap:
		s.OverlapReceives++
	case PlanStaged:
		s.StagedReceives++
	case PlanSpeculative:
		s.SpeculativeReceives++
	}
}
