package peers

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// fioOutput is what we need of what fio 3 prints as json+.
type fioOutput struct {
	Jobs []struct {
		Error int
		Read  struct {
			IOBytes  uint64 `json:"io_bytes"`
			Runtime  uint64 // ms
			TotalIOs uint64 `json:"total_ios"`
			Short    uint64 `json:"short_ios"`
			Latency  struct {
				Max        uint64
				Percentile map[string]uint64
				Bins       map[string]uint64
			} `json:"lat_ns"` // from the submission on
		}
	}
}

// parseFio reads the output of a run of one job. Notes may come before it. CPU times
// are not taken from there: they are those of one of its threads.
func parseFio(text []byte) (r Result, err error) {
	start := bytes.IndexByte(text, '{')
	if start < 0 {
		return r, fmt.Errorf("it wrote no JSON: %q", text[:min(len(text), tailBytes)])
	}
	var out fioOutput
	if err := json.NewDecoder(bytes.NewReader(text[start:])).Decode(&out); err != nil {
		return r, fmt.Errorf("what it wrote: %w", err)
	}
	if len(out.Jobs) != 1 || out.Jobs[0].Error != 0 {
		return r, fmt.Errorf("what it wrote tells of an error, or not of one job: %+v", out.Jobs)
	}
	f := &out.Jobs[0].Read
	if f.Short != 0 {
		return r, fmt.Errorf("%d of %d reads came back short", f.Short, f.TotalIOs)
	}
	at := func(percent string) (ns uint64) {
		ns, ok := f.Latency.Percentile[percent]
		if !ok {
			err = errors.New("what it wrote lacks the percentile " + percent)
		}
		return ns
	}
	r = Result{
		Reads: f.TotalIOs, Bytes: f.IOBytes, NS: f.Runtime * 1e6,
		P50NS: at("50.000000"), P90NS: at("90.000000"), P99NS: at("99.000000"), P999NS: at("99.900000"), MaxNS: f.Latency.Max,
	}
	for name, count := range f.Latency.Bins {
		ns, wrong := strconv.ParseUint(name, 10, 64)
		if wrong != nil {
			err = wrong
		}
		r.Bins = append(r.Bins, [2]uint64{ns, count})
	}
	slices.SortFunc(r.Bins, func(a, b [2]uint64) int { return cmp.Compare(a[0], b[0]) })
	return r, err
}
