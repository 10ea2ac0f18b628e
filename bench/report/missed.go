package report

import (
	"fmt"
	"io"
	"strings"
)

// missedOf: one read of so many that has not begun at the end is no missed rate, but one
// that was due just then.
const missedOf = 1000

// WriteMissed says which ways did not reach the rate that reads were due at.
func WriteMissed(w io.Writer, runs []Run) error {
	var b strings.Builder
	for _, g := range Groups(runs) {
		for i := range g.Ways {
			var missed, due int64
			for _, r := range g.Ways[i].Runs {
				missed, due = missed+r.Missed, due+r.Missed+r.Reads
			}
			if missed*missedOf > due {
				fmt.Fprintf(&b, "rate not reached: %s, %s × %d, %s: of %s reads due %s had not begun at the end; what they had waited by then counts as their latency.\n",
					g.Case.Protocol, g.Case.Block(), g.Case.Depth, g.Ways[i].Way.Name, whole(float64(due)), whole(float64(missed)))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
