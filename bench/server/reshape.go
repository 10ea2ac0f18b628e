package server

import (
	"math/rand/v2"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// reshapedBytes is how much is gathered to be sent in another form, where the
// calls are not answered sooner.
const reshapedBytes = 16 << 20

// reshaper makes of replies what other servers may send as well: more
// fragments, another order. It works on copies in memory.
type reshaper struct {
	fragment int        // most bytes of a fragment; 0: all of a record
	order    *rand.Rand // nil: as they come
}

// newReshaper returns nil when there is nothing to do. Connections shuffle
// alike.
func newReshaper(fragment int, seed uint64) *reshaper {
	if fragment <= 0 && seed == 0 {
		return nil
	}
	r := &reshaper{fragment: max(fragment, 0)}
	if seed != 0 {
		r.order = rand.New(rand.NewPCG(seed, 0))
	}
	return r
}

// reshaped takes whole records of one fragment each.
func (r *reshaper) reshaped(b []byte) []byte {
	var records [][]byte
	for len(b) > 0 {
		end := xdrwire.MarkBytes + xdrwire.ParseMark(b).Len()
		records = append(records, b[xdrwire.MarkBytes:end])
		b = b[end:]
	}
	if r.order != nil {
		r.order.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	}
	var out []byte
	for _, record := range records {
		out = r.appendRecord(out, record)
	}
	return out
}

func (r *reshaper) appendRecord(b, record []byte) []byte {
	for {
		n := len(record)
		if r.fragment > 0 {
			n = min(n, r.fragment)
		}
		last := n == len(record)
		b = xdrwire.AppendUint32(b, uint32(xdrwire.MakeMark(n, last)))
		b, record = append(b, record[:n]...), record[n:]
		if last {
			return b
		}
	}
}
