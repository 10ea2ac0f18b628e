package bench

import (
	"encoding/json"
	"io"
)

// Schema is the version of the form of a [Report]. A change that readers would
// trip over raises it.
const Schema = 1

// Report is all that a run measured.
type Report struct {
	Schema int   `json:"schema"`
	Host   Host  `json:"host"`
	Runs   []Run `json:"runs"`
}

// Host is where it was measured.
type Host struct {
	Kernel   string `json:"kernel"`
	CPUs     int    `json:"cpus"`
	CPUModel string `json:"cpu_model"`
	Go       string `json:"go"`
}

// Run is one measurement: one repetition of one [Case]. CPU times, system calls
// and allocations are those of this process, never the server's.
type Run struct {
	Job        string  `json:"job"`
	Target     string  `json:"target"` // URL of the first file
	Protocol   string  `json:"protocol"`
	Engine     string  `json:"engine"`
	Placement  string  `json:"placement"`
	Plan       string  `json:"plan"` // of the library, else "none"
	Fixed      bool    `json:"fixed"`
	BlockBytes int     `json:"block_bytes"`
	Depth      int     `json:"depth"` // reads in flight in total
	Files      int     `json:"files"`
	Conns      int     `json:"conns"`
	Pattern    string  `json:"pattern"`
	Repeat     int     `json:"repeat"` // from 1
	Seconds    float64 `json:"seconds"`
	Reads      int64   `json:"reads"`
	Bytes      int64   `json:"bytes"`
	MiBPerS    float64 `json:"mib_per_s"`
	IOPS       float64 `json:"iops"`

	CPUUserS      float64 `json:"cpu_user_s"`
	CPUSysS       float64 `json:"cpu_sys_s"`
	CPUSPerGiB    float64 `json:"cpu_s_per_gib"`
	CPUUsPerRead  float64 `json:"cpu_us_per_read"`
	SyscallsPer   float64 `json:"syscalls_per_read"` // of the reader on sockets and rings; waits of Go's runtime not counted
	CopiedPerByte float64 `json:"copied_bytes_per_byte"`
	AllocsPerRead float64 `json:"allocs_per_read"`

	Receives Receives `json:"receives"`

	Latency  Latency `json:"latency_us"`
	Errors   int     `json:"errors"`
	Verified bool    `json:"verified"` // every byte of every read was compared
}

// Latency is how long reads took from start to hand-back, in microseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// WriteJSON writes the report as one indented object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
