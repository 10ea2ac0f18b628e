package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteJSON writes the report as one indented object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteBench writes every run as a line of Go's benchmark format.
func (r *Report) WriteBench(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "goos: linux\nkernel: %s\ncpu: %s\n", r.Host.Kernel, r.Host.CPUModel); err != nil {
		return err
	}
	for i := range r.Runs {
		u := &r.Runs[i]
		_, err := fmt.Fprintf(w, "BenchmarkCompare/server=%s/protocol=%s/bs=%s/depth=%d/contender=%s %d %.1f ns/op %.4f cpu-us/op %.5f cpu-s/GiB %.2f MiB/s %d p50-ns %d p99-ns\n",
			u.Server, u.Protocol, short(u.BlockBytes), u.Depth, strings.ReplaceAll(u.Contender, "/", "_"),
			u.Reads, float64(u.NS)/float64(u.Reads), u.CPUUsPerRead(), u.CPUSPerGiB(), u.MiBPerS(), u.P50NS, u.P99NS)
		if err != nil {
			return err
		}
	}
	return nil
}

// short is a block size as --bs takes it.
func short(n int) string {
	switch {
	case n%(1<<20) == 0:
		return fmt.Sprintf("%dm", n>>20)
	case n%(1<<10) == 0:
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprint(n)
}
