package peers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ringreadv/ringreadv/bench/report"
)

// Result is what a run took. Times of the CPU are those of the whole process.
type Result struct {
	Reads    uint64 `json:"reads"`
	Bytes    uint64 `json:"bytes"`
	NS       uint64 `json:"ns"` // from the first request to the last byte
	UserUS   uint64 `json:"user_us"`
	SystemUS uint64 `json:"system_us"`
	Switches uint64 `json:"switches"` // of context
	P50NS    uint64 `json:"p50_ns"`   // latencies
	P90NS    uint64 `json:"p90_ns"`
	P99NS    uint64 `json:"p99_ns"`
	MaxNS    uint64 `json:"max_ns"`
	// Own is what contenders in Go know besides.
	Own *report.Own `json:"own,omitempty"`
}

// Figures are those of reports.
func (r *Result) Figures() report.Figures {
	us := func(ns uint64) float64 { return float64(ns) / 1e3 }
	f := report.Figures{
		Seconds: float64(r.NS) / 1e9, Reads: int64(r.Reads), Bytes: int64(r.Bytes),
		CPUUserS: float64(r.UserUS) / 1e6, CPUSystemS: float64(r.SystemUS) / 1e6, Wakeups: int64(r.Switches),
		Latency: report.Latency{P50: us(r.P50NS), P90: us(r.P90NS), P99: us(r.P99NS), Max: us(r.MaxNS)}, Own: r.Own,
	}
	f.Derive()
	return f
}

// check refuses what cannot be.
func (r *Result) check(block int) error {
	if r.Reads == 0 || r.NS == 0 || r.Bytes != r.Reads*uint64(block) {
		return fmt.Errorf("%d reads of %d bytes each that are %d bytes, in %d ns", r.Reads, block, r.Bytes, r.NS)
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
