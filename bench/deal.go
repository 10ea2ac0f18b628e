package bench

import "fmt"

// lanes deals the work out to the readers of a session: the depth of a stream to the
// volumes of its files, as many to one as to another, and on each to its readers in
// turn.
func (s *session) lanes(t *target, w Work, buffers []byte) ([]*lane, error) {
	rated := w.RatePerS() > 0
	lanes := make([]*lane, len(s.readers))
	for i, r := range s.readers {
		lanes[i] = &lane{reader: r, files: t.files, times: newTimes(rated), sleep: (&sleeper{}).until}
	}
	for i := range w.Streams {
		st := &w.Streams[i]
		var parts []*part
		shares, err := t.deal(st)
		if err != nil {
			return nil, err
		}
		for _, share := range shares {
			on := s.byVolume[share.volume]
			course := newCourse(t, st, share.files, i)
			parts = append(parts, dealPart(lanes, on, i, st, share.depth, course)...)
		}
		for j, p := range parts {
			p.pacer = pacer{think: st.Think, blocks: st.ThinkBlocks, rate: st.RatePerS, index: j, parts: len(parts)}
		}
	}
	for _, l := range lanes {
		for _, sl := range l.slots {
			n := sl.part.stream.BlockMax
			sl.buf, buffers = buffers[:n:n], buffers[n:]
		}
		l.done = make([]completion, max(len(l.slots), 1))
	}
	return lanes, nil
}

// dealPart makes a stream's parts on the lanes of one volume. Streams begin with
// different lanes. One that pauses has but one: it is all of it that pauses.
func dealPart(lanes []*lane, on []int, stream int, st *Stream, depth int, c *course) (parts []*part) {
	many := min(len(on), depth)
	if st.Think > 0 {
		many = 1
	}
	for k := range many {
		l := lanes[on[(stream+k)%len(on)]]
		p := &part{stream: st, course: c}
		for range evenly(depth, many, k) {
			sl := &slot{index: len(l.slots), part: p}
			l.slots, p.idle = append(l.slots, sl), append(p.idle, sl)
		}
		l.parts, parts = append(l.parts, p), append(parts, p)
	}
	return parts
}

// share is what of a stream is on one volume.
type share struct {
	volume int
	files  []int
	depth  int
}

// deal spreads a stream over volumes.
func (t *target) deal(st *Stream) ([]share, error) {
	var list []share
	at := make(map[int]int) // by volume
	for _, f := range st.Files {
		v := t.files[f].volume
		i, known := at[v]
		if !known {
			i = len(list)
			at[v] = i
			list = append(list, share{volume: v})
		}
		list[i].files = append(list[i].files, f)
	}
	if st.Depth < len(list) {
		return nil, Hint(fmt.Errorf("%s%d reads in flight are too few for files on %d volumes", st.place(), st.Depth, len(list)), "a larger "+st.says("--depth", "iodepth="))
	}
	if st.Think > 0 && len(list) > 1 {
		return nil, Hint(fmt.Errorf("%sthinktime= has all of a job pause, and its files are on %d volumes, which are read apart", st.place(), len(list)), "a job for each volume")
	}
	for i := range list {
		list[i].depth = evenly(st.Depth, len(list), i)
	}
	return list, nil
}

// evenly is what the i-th of so many shares gets of a sum.
func evenly(sum, shares, i int) int {
	n := sum / shares
	if i < sum%shares {
		n++
	}
	return n
}
