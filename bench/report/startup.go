package report

import (
	"fmt"

	"github.com/ringreadv/ringreadv/bench/stat"
)

// enoughSeconds is how long a run is that start-up does not drown.
const enoughSeconds = 2

// StartUps say of ways that start for each run how much of their CPU time that was
// beside what is left, a line for each.
func (r *Report) StartUps(g *Group) (lines []string) {
	for i := range g.Ways {
		way := &g.Ways[i]
		var off, left []float64
		unknown := 0
		for _, u := range way.Runs {
			cpu := u.CPUUserS + u.CPUSystemS
			off, left = append(off, u.StartUpS), append(left, cpu)
			if cpu <= 0 {
				unknown++
			}
		}
		median, rest := stat.Of(off).Median, stat.Of(left).Median
		if median <= 0 {
			continue
		}
		line := fmt.Sprintf("%s: start-up, which is subtracted, is %.2f s of CPU time on median, and what is left %.2f s", way.Way.Name, median, rest)
		if unknown > 0 {
			line += fmt.Sprintf("; of %d of %s nothing is left: CPU time is not known", unknown, plural(len(way.Runs), "run"))
		}
		if median > rest && r.Setup.Seconds < enoughSeconds {
			line += fmt.Sprintf("; --time %ds would tell more", enoughSeconds)
		}
		lines = append(lines, line)
	}
	return lines
}
