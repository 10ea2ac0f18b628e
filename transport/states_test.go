package transport

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// place is where a call stands when something happens to it.
type place string

const (
	placeQueued  place = "queued"  // no slot is free
	placeSent    place = "sent"    // nothing of its reply has come
	placeHead    place = "head"    // its reply has begun, not so its payload
	placePayload place = "payload" // a receive is aimed at the rest of its payload
	placeGuessed place = "guessed" // a receive is aimed at it, though its reply has not begun
	placeDone    place = "done"    // finished, not popped
	placeWaiting place = "waiting" // its connection has ended, and it is to be made again
)

var places = []place{placeQueued, placeSent, placeHead, placePayload, placeGuessed, placeDone}

// aimed: the kernel's own completion has to come before the report.
func (p place) aimed() bool { return p == placePayload || p == placeGuessed }

// event is what happens to a call.
type event string

const (
	eventCancel      event = "cancel"
	eventDeadline    event = "deadline"
	eventReply       event = "reply" // the server goes on: all that is owed, and all that is asked for
	eventFIN         event = "FIN"
	eventRST         event = "RST"
	eventCloseConn   event = "Conn.Close"
	eventCloseEngine event = "Engine.Close"

	// These two are for calls with a Resend, when the connection has ended.
	eventReconnect event = "reconnect"
	eventForsake   event = "Forsake"
)

var events = []event{eventCancel, eventDeadline, eventReply, eventFIN, eventRST, eventCloseConn, eventCloseEngine}

// caller: the event ends one call and leaves the connection alone.
func (e event) caller() bool { return e == eventCancel || e == eventDeadline }

// server: the event takes effect when the engine hears of it, in the order in which
// the server sends.
func (e event) server() bool { return e == eventReply || e.loss() }

func (e event) loss() bool  { return e == eventFIN || e == eventRST }
func (e event) close() bool { return e == eventCloseConn || e == eventCloseEngine }

// ending is how a call is reported.
type ending string

const (
	endNone     ending = "" // it is not
	endWhole    ending = "all bytes"
	endCanceled ending = "context.Canceled"
	endDeadline ending = "ErrDeadline"
	endOutage   ending = "an OutageError"
	endLost     ending = "a ConnError"
	endClosed   ending = "ErrClosed"
)

// ends is what ends a call that is in flight, wherever it stands.
var ends = map[event]ending{
	eventCancel: endCanceled, eventDeadline: endDeadline, eventReply: endWhole,
	eventFIN: endLost, eventRST: endLost, eventCloseConn: endClosed, eventCloseEngine: endClosed,
}

// waitingEnds is what ends a call that waits for another connection.
var waitingEnds = map[event]ending{
	eventCancel: endCanceled, eventDeadline: endOutage, eventForsake: endLost,
	eventCloseConn: endClosed, eventCloseEngine: endClosed,
}

// history is what one case does: the events follow each other at once, or each
// waits until the one before has had its effect.
type history struct {
	resend bool // the calls have one
	at     place
	events []event
	pause  bool
}

func (h history) String() string {
	names := make([]string, len(h.events))
	for i, e := range h.events {
		names[i] = string(e)
	}
	between := ", at once "
	if h.pause {
		between = ", then "
	}
	s := string(h.at) + ": " + strings.Join(names, between)
	if h.resend {
		s = "with a Resend, " + s
	}
	return s
}

func (h history) has(of ...event) bool {
	return slices.ContainsFunc(h.events, func(e event) bool { return slices.Contains(of, e) })
}

// connectionLives throughout the history.
func (h history) connectionLives() bool {
	return h.at != placeWaiting && !h.has(eventFIN, eventRST, eventCloseConn, eventCloseEngine)
}

// mayFallSilent: a call gets the only slot that there is, and its time is up before
// anything of its reply has come.
func (h history) mayFallSilent() bool {
	return h.at == placeQueued && !h.pause && slices.Equal(h.events, []event{eventReply, eventDeadline})
}

// step is the model: where an event takes a call, or how it ends it.
func (h history) step(at place, e event) (place, ending) {
	switch {
	case at == placeDone:
		return at, endWhole
	case at == placeWaiting && e == eventReconnect:
		return placeSent, endNone
	case at == placeWaiting:
		return at, waitingEnds[e]
	case h.resend && e.loss():
		return placeWaiting, endNone
	}
	return at, ends[e]
}

// steps is how a call ends by the events, if it does.
func (h history) steps(at place, events ...event) ending {
	for _, e := range events {
		var end ending
		if at, end = h.step(at, e); end != endNone {
			return end
		}
	}
	return endNone
}

// may is how a call may end by the events: those that follow each other at once may
// also take effect the other way round.
func (h history) may(at place, events []event) (all []ending) {
	all = append(all, h.steps(at, events...))
	if h.pause || len(events) < 2 || at == placeDone {
		return all
	}
	first, second := events[0], events[1]
	if !settled(at, first, second) {
		all = append(all, h.steps(at, second, first))
	}
	if at != placeWaiting && (first.loss() && second.close() || first.close() && second.loss()) {
		all = append(all, endLost) // what is being closed is not rebuilt
	}
	if at == placeWaiting && first.close() && second == eventReconnect {
		all = append(all, endNone) // it is elsewhere already
	}
	return all
}

// settled: the second event comes too late to be first.
func settled(at place, first, second event) bool {
	switch {
	case first.caller():
		// Where a receive is aimed at the call, the rest of its reply may be faster.
		return !at.aimed() || second != eventReply
	case first == eventReply && second.server():
		return second == eventFIN && at != placeQueued
	}
	return first.server() && second.server() || second == eventReconnect || first == eventReconnect || first == eventForsake
}

// endings is what the call may be reported with. One that is still in flight after
// the events gets its reply, on a new connection if need be.
func (h history) endings() []ending { return atLast(h.may(h.at, h.events)) }

// pends reports whether the call may be in flight after the events.
func (h history) pends() bool { return slices.Contains(h.may(h.at, h.events), endNone) }

func atLast(all []ending) []ending {
	for i := range all {
		if all[i] == endNone {
			all[i] = endWhole
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// neighbourEndings: the call beside it notices only what ends the connection.
func (h history) neighbourEndings() []ending {
	at := h.at
	if at != placeWaiting {
		at = placeSent
	}
	noticed := slices.DeleteFunc(slices.Clone(h.events), event.caller)
	all := h.may(at, noticed)
	if h.has(eventCloseConn, eventCloseEngine) && !h.pause {
		all = append(all, endWhole) // Close waits for a while, and the server goes on in the end
	}
	return atLast(all)
}

// lateReplies is how many replies are dropped on a connection that lives, at least
// and at most, for a call that ended like this.
func (h history) lateReplies(end ending) (least, most int) {
	if end == endWhole || h.at == placeDone {
		return 0, 0
	}
	settled := h.pause || !h.has(eventReply) || h.events[0].caller() && !h.at.aimed()
	switch {
	case !settled:
		return 0, 1 // it may have been sent, or its reply have begun, meanwhile
	case h.at == placeSent, h.at == placeGuessed:
		return 1, 1
	}
	return 0, 0
}

// histories are all events at all places, one or two in a row.
func histories(resend bool, places []place, events []event) (all []history) {
	for _, at := range places {
		for _, first := range events {
			all = append(all, history{resend, at, []event{first}, true})
			for _, second := range events {
				for _, pause := range []bool{false, true} {
					all = append(all, history{resend, at, []event{first, second}, pause})
				}
			}
		}
	}
	return all
}

// Wherever a call stands, whatever happens to it, and whatever happens next: it is
// reported once, with an error that says what happened or with all of its bytes,
// nothing is written to its memory afterwards, and the call beside it notices
// nothing as long as there is a connection.
func TestStates(t *testing.T) { runHistories(t, histories(false, places, events)) }

// The same for calls that outlive their connection.
func TestStatesWithResend(t *testing.T) {
	runHistories(t, histories(true, append(places, placeWaiting), append(events, eventReconnect, eventForsake)))
}

func runHistories(t *testing.T, all []history) {
	step := 1
	switch {
	case raceEnabled: // everything takes four times as long
		step = 4
	case testing.Short():
		step = 16
	}
	s := newStateServer(t)
	for i, failed := rand.IntN(step), 0; i < len(all) && failed < 10; i += step {
		h := all[i]
		within(t, caseLimit, func() {
			if err := s.run(h); err != nil {
				failed++
				t.Errorf("%v\n\tmay end with %v, the call beside it with %v: %v", h, h.endings(), h.neighbourEndings(), err)
			}
		})
	}
}
