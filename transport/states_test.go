package transport

import (
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
)

var events = []event{eventCancel, eventDeadline, eventReply, eventFIN, eventRST, eventCloseConn, eventCloseEngine}

// ending is how a call is reported.
type ending string

const (
	endWhole    ending = "all bytes"
	endCanceled ending = "context.Canceled"
	endDeadline ending = "ErrDeadline"
	endLost     ending = "a ConnError"
	endClosed   ending = "ErrClosed"
)

// ends is what a call that is in flight ends with if nothing else happens, wherever
// it stands.
var ends = map[event]ending{
	eventCancel: endCanceled, eventDeadline: endDeadline, eventReply: endWhole,
	eventFIN: endLost, eventRST: endLost, eventCloseConn: endClosed, eventCloseEngine: endClosed,
}

// caller: the event ends one call and leaves the connection alone.
func (e event) caller() bool { return e == eventCancel || e == eventDeadline }

// server: the event takes effect when the engine hears of it.
func (e event) server() bool { return e == eventReply || e == eventFIN || e == eventRST }

// history is what one case does: the events follow each other at once, or each
// waits until the call has been reported.
type history struct {
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
	return string(h.at) + ": " + strings.Join(names, between)
}

func (h history) has(of ...event) bool {
	return slices.ContainsFunc(h.events, func(e event) bool { return slices.Contains(of, e) })
}

// connectionLives at the end of the history.
func (h history) connectionLives() bool {
	return !h.has(eventFIN, eventRST, eventCloseConn, eventCloseEngine)
}

// endings is the model: what the call may be reported with.
func (h history) endings() []ending {
	first := h.events[0]
	switch {
	case h.at == placeDone:
		return []ending{endWhole}
	case h.pause:
		return []ending{ends[first]}
	}
	second := h.events[1]
	switch {
	case first.caller() && (second.caller() || !h.at.aimed()):
		// The call ends at once, or what it ends with is settled.
		return []ending{ends[first]}
	case (first == eventFIN || first == eventRST) && second.server():
		// Nothing comes behind the end of the stream.
		return []ending{endLost}
	case first == eventReply && second == eventFIN && h.at != placeQueued:
		// The reply comes before the end of the stream.
		return []ending{endWhole}
	}
	return []ending{ends[first], ends[second]}
}

// neighbourEndings: the call beside it notices only what ends the connection.
func (h history) neighbourEndings() (all []ending) {
	// Close waits for a while, and the server goes on in the end.
	closing := h.has(eventCloseConn, eventCloseEngine) && !h.pause
	if h.has(eventReply) || h.connectionLives() || closing {
		all = append(all, endWhole)
	}
	for _, e := range h.events {
		if !e.caller() && e != eventReply {
			all = append(all, ends[e])
		}
	}
	return all
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
func histories() (all []history) {
	for _, at := range places {
		for _, first := range events {
			all = append(all, history{at, []event{first}, true})
			for _, second := range events {
				for _, pause := range []bool{false, true} {
					all = append(all, history{at, []event{first, second}, pause})
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
func TestStates(t *testing.T) {
	s := newStateServer(t)
	all := histories()
	for _, h := range all {
		within(t, caseLimit, func() {
			if err := s.run(h); err != nil {
				t.Errorf("%v\n\tmay end with %v, the call beside it with %v: %v", h, h.endings(), h.neighbourEndings(), err)
			}
		})
	}
	if want := len(places) * len(events) * (1 + 2*len(events)); len(all) != want {
		t.Errorf("%d cases, want %d", len(all), want)
	}
}
