package transport

import (
	"iter"
	"math/rand/v2"
)

// An XID is a slot's index in its low bits and the slot's generation above, so
// that a reply finds its call without a search, and a reply to an earlier call
// in the same slot is recognised.
const (
	slotBits = 12
	slotMask = 1<<slotBits - 1
)

type slot struct {
	call *Call // nil in a free or dead slot
	xid  uint32
	dead bool // its call was given up; the reply may still come
}

// slots are the calls outstanding on one connection, by XID.
type slots struct {
	all  []slot
	free []int32 // stack of free indexes
	dead int
}

func newSlots(depth int) slots {
	s := slots{all: make([]slot, depth), free: make([]int32, depth)}
	// Generations start anywhere, so that replies to an earlier connection's
	// calls, should a server mix them up, match nothing.
	first := rand.Uint32() &^ slotMask
	for i := range s.all {
		s.all[i].xid = first | uint32(i)
		s.free[i] = int32(depth - 1 - i)
	}
	return s
}

func (s *slots) available() bool { return len(s.free) > 0 }
func (s *slots) allDead() bool   { return s.dead == len(s.all) }

// occupy gives the call a free slot and with it its XID.
func (s *slots) occupy(c *Call) (xid uint32) {
	i := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	at := &s.all[i]
	at.call = c
	at.xid += 1 << slotBits
	return at.xid
}

// vacate takes the call out of its slot, which is free again, or dead until the
// reply comes.
func (s *slots) vacate(xid uint32, dead bool) {
	at := &s.all[xid&slotMask]
	at.call, at.dead = nil, dead
	if dead {
		s.dead++
	} else {
		s.free = append(s.free, int32(xid&slotMask))
	}
}

// find gives the call with this XID. With no such call, late says that there was
// one that has been given up; its slot is free now.
func (s *slots) find(xid uint32) (c *Call, late bool) {
	i := int(xid & slotMask)
	if i >= len(s.all) || s.all[i].xid != xid {
		return nil, false
	}
	at := &s.all[i]
	if at.dead {
		at.dead = false
		s.dead--
		s.free = append(s.free, int32(i))
		return nil, true
	}
	if at.call != nil && at.call.state == stateReceiving {
		return nil, false // a second reply inside the first
	}
	return at.call, false
}

// calls are the calls in slots. The loop may vacate the one it is given.
func (s *slots) calls() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for i := range s.all {
			if c := s.all[i].call; c != nil && !yield(c) {
				return
			}
		}
	}
}
