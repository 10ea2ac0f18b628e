package peers

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/ringreadv/ringreadv/bench/report"
)

// Result is what a run took. Times of the CPU are those of the whole process.
type Result struct {
	Reads    uint64 `json:"reads"`
	Bytes    uint64 `json:"bytes"`
	NS       uint64 `json:"ns"` // from the first request to the last byte
	UserUS   int64  `json:"user_us"`
	SystemUS int64  `json:"system_us"`
	// StartUpUS is what was taken off the two, of a process that starts for each run.
	StartUpUS int64 `json:"start_up_us,omitempty"`
	// Wakeups and Preemptions are the voluntary and the involuntary switches of
	// context, of all threads.
	Wakeups     int64  `json:"wakeups"`
	Preemptions int64  `json:"preemptions"`
	P50NS       uint64 `json:"p50_ns"` // latencies
	P90NS       uint64 `json:"p90_ns"`
	P99NS       uint64 `json:"p99_ns"`
	P999NS      uint64 `json:"p999_ns"`
	MaxNS       uint64 `json:"max_ns"`
	// Histogram is that of latencies as reports have it, of contenders in Go; others
	// have Bins.
	Histogram string `json:"latency_hdr,omitempty"`
	Bins      Bins   `json:"bins,omitempty"`
	// Own is what contenders in Go know besides.
	Own *report.Own `json:"own,omitempty"`
}

// Bins are latencies in ns, each with how many there were of about it, in order.
type Bins [][2]uint64

// maxLatency is the longest that a histogram tells from longer ones.
const maxLatency = 2 * time.Minute

// histogram is the same as reports have it; "" without bins.
func (b Bins) histogram() string {
	if len(b) == 0 {
		return ""
	}
	h := hdrhistogram.New(1, int64(maxLatency), 3)
	for _, bin := range b {
		// It can only fail beyond the range.
		_ = h.RecordValues(int64(min(bin[0], uint64(maxLatency))), int64(bin[1]))
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "" // it writes to memory
	}
	return string(text)
}

// Figures are those of reports.
func (r *Result) Figures() report.Figures {
	us := func(ns uint64) float64 { return float64(ns) / 1e3 }
	f := report.Figures{
		Seconds: float64(r.NS) / 1e9, Reads: int64(r.Reads), Bytes: int64(r.Bytes),
		CPUUserS: float64(r.UserUS) / 1e6, CPUSystemS: float64(r.SystemUS) / 1e6, StartUpS: float64(r.StartUpUS) / 1e6,
		Wakeups: r.Wakeups, Preemptions: r.Preemptions,
		Latency:   report.Latency{P50: us(r.P50NS), P90: us(r.P90NS), P99: us(r.P99NS), P999: us(r.P999NS), Max: us(r.MaxNS)},
		Histogram: cmp.Or(r.Histogram, r.Bins.histogram()), Own: r.Own,
	}
	f.Derive()
	return f
}

// check refuses what cannot be.
func (r *Result) check(block int) error {
	if r.Reads == 0 || r.NS == 0 || r.Bytes != r.Reads*uint64(block) {
		return fmt.Errorf("%d reads of %d bytes each that are %d bytes, in %d ns", r.Reads, block, r.Bytes, r.NS)
	}
	if min(r.UserUS, r.SystemUS, r.Wakeups, r.Preemptions) < 0 {
		return fmt.Errorf("%d and %d µs of CPU time, %d wake-ups and %d preemptions", r.UserUS, r.SystemUS, r.Wakeups, r.Preemptions)
	}
	return nil
}

// sum is the answer to check.
type sum struct {
	Sum string `json:"sum"` // 64 bits in hexadecimal
}

// Reader is a contender.
type Reader interface {
	Run(d time.Duration) (Result, error)
	// Check reads so many blocks from an offset on, from the start again after
	// the last whole one, and returns the [Sum] of them.
	Check(off int64, blocks int) (Sum, error)
}

// Serve answers what is asked on in until it ends.
func Serve(r Reader, in io.Reader, out io.Writer) error {
	if _, err := fmt.Fprintln(out, ready); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		answer, err := serveLine(r, lines.Text())
		if err == nil {
			err = json.NewEncoder(out).Encode(answer)
		}
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

const ready = "ready"

func serveLine(r Reader, line string) (any, error) {
	var ms, off int64
	var blocks int
	if n, _ := fmt.Sscanf(line, "check %d %d", &off, &blocks); n == 2 {
		s, err := r.Check(off, blocks)
		return sum{s.String()}, err
	}
	if n, _ := fmt.Sscanf(line, "run %d", &ms); n == 1 {
		return r.Run(time.Duration(ms) * time.Millisecond)
	}
	return nil, fmt.Errorf("unknown line: %s", strconv.Quote(line))
}
