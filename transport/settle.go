package transport

// settling is a receive whose bytes are being taken in.
type settling struct {
	parts   []part // the rest of the aim's; the first is the one at hand
	n       int    // bytes in them
	rescued bool   // what guesses put into calls' memory lies in spill
	spill   []byte
}

// settle takes in n bytes that a receive aimed by a has put in place. missed
// says that some of them were in the wrong one.
func (r *receiver) settle(a *aim, staging []byte, n int) (missed bool, err error) {
	if r.asked {
		r.heard++
	}
	s := &r.settling
	s.parts, s.n, s.rescued = a.parts, n, false
	for s.n > 0 && err == nil {
		p := &s.parts[0]
		n := min(s.n, p.n)
		switch {
		case p.call == nil:
			err = r.feed(staging[:n])
			staging = staging[n:]
			s.parts, s.n = s.parts[1:], s.n-n
		case s.rescued:
			b := s.spill[:n]
			s.spill = s.spill[n:]
			s.parts, s.n = s.parts[1:], s.n-n
			err = r.feed(b)
		default:
			err = r.placed(p, n)
		}
	}
	for i := range a.parts {
		if c := a.parts[i].call; c != nil {
			c.aimed = false
		}
	}
	s.parts, s.spill = nil, nil
	return s.rescued, err
}

// placed takes in the first n bytes of a part in a call's memory.
func (r *receiver) placed(p *part, n int) error {
	s := &r.settling
	hit := 0
	if r.phase == phasePayload && r.call == p.call && r.call.cursor == p.at {
		hit = min(n, r.left, r.fragment)
	}
	s.n -= hit
	if hit < n {
		// The rest is something else's.
		p.n -= hit
		p.at.advance(p.call.target, hit)
		r.rescue()
	} else {
		p.call.aimed = false
		s.parts = s.parts[1:]
	}
	return r.landed(hit)
}

// rescue moves what is still to be taken in out of the calls' memory, before
// anything is copied there.
func (r *receiver) rescue() {
	s := &r.settling
	s.rescued = true
	b := (*r.scratch)[:0]
	for i, n := 0, s.n; i < len(s.parts) && n > 0; i++ {
		p := &s.parts[i]
		m := min(n, p.n)
		n -= m
		if p.call == nil {
			continue
		}
		p.call.aimed = false
		for at := p.at; m > 0; {
			piece := at.segment(p.call.target, m)
			b = append(b, piece...)
			at.advance(p.call.target, len(piece))
			m -= len(piece)
		}
	}
	r.stats.CopiedBytes += uint64(len(b))
	s.spill, *r.scratch = b, b
}

// copyToCall copies payload to its place.
func (r *receiver) copyToCall(b []byte) {
	if r.call.aimed && !r.settling.rescued && len(b) > 0 {
		// The receive being settled may have put something else there.
		r.rescue()
	}
	r.call.cursor.copyFrom(r.call.target, b)
	r.stats.CopiedBytes += uint64(len(b))
}
