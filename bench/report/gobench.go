package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/bench/size"
)

// WriteBench writes every run without errors as a line of Go's benchmark format, which benchstat
// reads: the case and the way make the name, the metrics the values.
func (r *Report) WriteBench(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: linux\nkernel: %s\ncpu: %s\n", r.Host.Kernel, r.Host.CPUModel)
	for i := range r.Runs {
		u := &r.Runs[i]
		if u.Reads == 0 || u.Errors > 0 {
			continue
		}
		fmt.Fprintf(&b, "Benchmark%s%s%s %d %.1f ns/op", strings.ToUpper(r.Command[:1]), r.Command[1:], u.benchName(), u.Reads, u.Seconds*1e9/float64(u.Reads))
		for _, m := range Metrics {
			if v, ok := m.Of(u); ok {
				fmt.Fprintf(&b, " %.6g %s", v, m.Key)
			}
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (u *Run) benchName() string {
	block := size.Flag(u.BlockBytes)
	if u.BlockMinBytes != 0 {
		block = size.Flag(u.BlockMinBytes) + "-" + block
	}
	var b strings.Builder
	add := func(key, value string) {
		// A slash starts the next key, and a blank ends the name.
		fmt.Fprintf(&b, "/%s=%s", key, strings.NewReplacer("/", "_", " ", "_").Replace(value))
	}
	add("server", u.Server)
	add("protocol", u.Protocol)
	add("job", u.Job)
	add("pattern", u.Pattern)
	add("bs", block)
	add("depth", fmt.Sprint(u.Depth))
	if u.RatePerS > 0 {
		add("rate", strconv.FormatFloat(u.RatePerS, 'f', -1, 64))
	}
	add("way", u.Name)
	return b.String()
}
