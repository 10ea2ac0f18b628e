package compare

import (
	"fmt"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
)

// figures are what is compared.
var figures = []struct {
	name string
	of   func(*peers.Result) float64
}{
	// Per read or per GiB: within a cell the ratio is the same.
	{"CPU", (*peers.Result).CPUUsPerRead},
	{"MiB/s", (*peers.Result).MiBPerS},
	{"p50", func(r *peers.Result) float64 { return float64(r.P50NS) }},
}

// minPairs is how many pairs it takes to tell a difference from noise at all.
const minPairs = 3

// Ratio is how a figure relates to another, pair by pair of the repetitions.
type Ratio struct {
	bench.Spread
	Pairs int
}

// ratioOf returns ours divided by theirs; ok is false without a pair that can be
// divided.
func ratioOf(ours, theirs []Run, of func(*peers.Result) float64) (r Ratio, ok bool) {
	var all []float64
	for i := range min(len(ours), len(theirs)) {
		if t := of(&theirs[i].Result); t > 0 {
			all = append(all, of(&ours[i].Result)/t)
		}
	}
	if len(all) == 0 {
		return Ratio{}, false
	}
	return Ratio{bench.SpreadOf(all), len(all)}, true
}

// Noise reports whether the pairs do not agree on which of the two is less, or are
// too few to tell.
func (r Ratio) Noise() bool { return r.Pairs < minPairs || r.Min <= 1 && r.Max >= 1 }

func (r Ratio) String() string {
	mark := ""
	if r.Noise() {
		mark = "~ "
	}
	return fmt.Sprintf("%s%.2f (%.2f…%.2f)", mark, r.Median, r.Min, r.Max)
}
