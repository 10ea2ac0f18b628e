package faults

import (
	"io"
	"time"
)

// stream is the bytes to the client. It does the faults that are about bytes, and
// says when one is due that is about a record.
type stream struct {
	relay  *relay
	script Script
	next   Fault
	armed  bool // next counts
	over   bool // the script has ended
	at     int64
	single int64 // so many bytes leave one by one
	ended  bool
}

// splitPause lies between bytes that leave one by one: the kernel gathers what it
// has not sent yet.
const splitPause = 100 * time.Microsecond

// peek gives the next fault of the script, nil if there is none.
func (s *stream) peek() *Fault {
	if !s.armed && !s.over {
		s.next, s.armed = s.script()
		s.over = !s.armed
	}
	if !s.armed {
		return nil
	}
	return &s.next
}

// done says that the next fault has happened.
func (s *stream) done() {
	s.relay.proxy.count(&s.next)
	s.armed = false
}

// ofRecord gives the fault that the record which begins now is due for.
func (s *stream) ofRecord() *Fault {
	if f := s.peek(); f != nil && f.Kind.ofRecord() && f.At <= s.at {
		return f
	}
	return nil
}

// Write sends p, with what happens to it on the way. The error is errOver.
func (s *stream) Write(p []byte) (sent int, err error) {
	for {
		n := len(p) - sent
		if f := s.peek(); f != nil && !f.Kind.ofRecord() && f.At <= s.at+int64(n) {
			n = int(max(f.At-s.at, 0))
			if n == 0 {
				s.happen(f)
				continue
			}
		}
		if s.ended {
			return sent, errOver
		}
		if n == 0 {
			return sent, nil
		}
		if s.single > 0 {
			n = 1
			s.single--
		}
		if _, err := s.relay.client.Write(p[sent : sent+n]); err != nil {
			s.relay.end()
			return sent, errOver
		}
		sent += n
		s.at += int64(n)
		if s.single > 0 {
			pause(splitPause)
		}
	}
}

// happen does a fault that is about bytes. What follows one that ends the stream
// does not happen.
func (s *stream) happen(f *Fault) {
	r := s.relay
	s.done()
	switch f.Kind {
	case Delay:
		select {
		case <-time.After(f.For):
		case <-r.proxy.done:
		}
		return
	case Split:
		s.single = f.Bytes
		return
	case CloseToServer:
		r.deaf.Store(true)
		r.server.CloseWrite()
		return
	}
	s.ended, s.over = true, true
	switch f.Kind {
	case Cut:
		r.deaf.Store(true)
		r.server.Close()
		r.client.SetReadDeadline(time.Now().Add(lingerTime))
		r.client.CloseWrite()
	case Reset:
		r.reset()
	case BlackHole:
		r.deaf.Store(true)
		io.Copy(io.Discard, r.in)
	case CloseToClient:
		r.client.CloseWrite()
		io.Copy(io.Discard, r.in)
	}
}
