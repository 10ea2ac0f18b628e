package faults

import (
	"math"
	"math/rand/v2"
	"time"
)

// Mix says how often and how badly random scripts harm.
type Mix struct {
	// Weights are how likely the kinds are, relative to each other.
	Weights map[Kind]int
	// Bytes is how many bytes lie between two faults of a connection at most.
	// The distances are spread evenly over orders of magnitude, from 64 on: the
	// answers to a handshake are hit as well as megabytes of payload.
	Bytes int64
	// For is the longest delay.
	For time.Duration
}

const (
	leastGap       = 64
	longestSplit   = 500
	mostOvertaking = 4
)

// Random makes scripts without an end. Connections of the same number have the
// same script for the same seed and mix.
func Random(seed uint64, m Mix) func(conn int) Script {
	return func(conn int) Script {
		s := &random{Rand: rand.New(rand.NewPCG(seed, uint64(conn))), mix: m}
		for _, k := range Kinds() {
			s.sum += m.Weights[k]
		}
		return s.next
	}
}

type random struct {
	*rand.Rand
	mix Mix
	sum int
	at  int64
}

// next draws the same numbers whatever the kind.
func (r *random) next() (f Fault, ok bool) {
	if r.sum <= 0 {
		return f, false
	}
	r.at += r.gap()
	f = Fault{
		Kind: r.kind(), At: r.at,
		For:     time.Duration(r.Float64() * float64(r.mix.For)),
		Bytes:   1 + r.Int64N(longestSplit),
		Records: 1 + r.IntN(mostOvertaking),
		Field:   Field(r.IntN(int(FieldPayload))),
		Salt:    r.Uint32(),
	}
	return f, true
}

func (r *random) gap() int64 {
	orders := math.Log(max(float64(r.mix.Bytes)/leastGap, 1))
	return int64(leastGap * math.Exp(r.Float64()*orders))
}

func (r *random) kind() Kind {
	n := r.IntN(r.sum)
	for _, k := range Kinds() {
		if n -= r.mix.Weights[k]; n < 0 {
			return k
		}
	}
	panic("faults: weights changed under way")
}
