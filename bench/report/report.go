// Package report is what was measured: its form in JSON files, in Go's benchmark format
// and as text. Commands of uringbench write it and read it back.
//
// A [Run] is one repetition: a [Case], which is what was read from whom, read in one
// [Way], and the [Figures] of that. Ways are compared within a case, pair by pair of
// the repetitions, which were measured in turns; cases are not compared.
//
// CPU times, system calls and allocations are those of the process that read, never the
// server's. MiB and GiB are powers of two.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Schema is the version of the form of a [Report]. A change that readers would trip
// over raises it.
const Schema = 2

// Commands that make reports.
const (
	CommandRun     = "run"
	CommandCompare = "compare"
)

// Report is all that a command measured.
type Report struct {
	Schema  int       `json:"schema"`
	Command string    `json:"command"`
	Started time.Time `json:"started"`
	// Interrupted: there are fewer runs than were asked for.
	Interrupted bool     `json:"interrupted,omitempty"`
	Host        Host     `json:"host"`
	Setup       Setup    `json:"setup"`
	Servers     []Server `json:"servers"`
	// Notes are lines for whoever reads the figures: what was ignored, say.
	Notes  []string `json:"notes,omitempty"`
	Jobs   []Job    `json:"jobs,omitempty"` // described, in the order of their runs
	Runs   []Run    `json:"runs"`
	Absent []Absent `json:"absent,omitempty"`
}

// Host is where it was measured.
type Host struct {
	Kernel   string `json:"kernel"`
	CPUs     int    `json:"cpus"`
	CPUModel string `json:"cpu_model"`
	Go       string `json:"go"`
	// Congestion is this machine's TCP congestion control, of servers on it too that
	// do not choose another; "" if not known.
	Congestion string `json:"congestion"`
	// Program is the version of uringbench; "" if not known.
	Program string `json:"program,omitempty"`
}

// Setup is how it was measured.
type Setup struct {
	// ServerCPUs and ClientCPUs are those that servers that were started and readers
	// were bound to, "" if they were not.
	ServerCPUs string `json:"server_cpus"`
	ClientCPUs string `json:"client_cpus"`
	// Processors is GOMAXPROCS of this process if it was it that read, else 0: each
	// way of reading was a process of its own.
	Processors int     `json:"gomaxprocs,omitempty"`
	Seconds    float64 `json:"seconds,omitempty"` // of a run; 0: until a job's end
	Repeat     int     `json:"repeat"`            // asked for
	Conns      int     `json:"conns"`             // of ways that can have several
	// Checked says which bytes were compared with the file's, "" if none were.
	Checked string `json:"checked"`
	// Accelerators are those of the library that were in use, by their keys.
	Accelerators []string `json:"accelerators,omitempty"`
}

// Server is who served.
type Server struct {
	Name       string            `json:"name"`
	URLs       map[string]string `json:"urls"`       // of the file or directory, by protocol
	SizeBytes  int64             `json:"size_bytes"` // read of the largest file
	Congestion string            `json:"congestion"` // its TCP congestion control; "" if not known
}

// Job says what a job reads, for people.
type Job struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// SizeBytes is what its files have, or are read of; 0: Server.SizeBytes.
	SizeBytes int64 `json:"size_bytes,omitempty"`
}

// Absent is a way of reading that was left out, and why.
type Absent struct {
	Case    Case   `json:"case"`
	Way     string `json:"way"`
	Missing bool   `json:"missing"` // something has to be installed for it, in every case
	Reason  string `json:"reason"`
}

// WriteJSON writes the report as one indented object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// ReadFile reads what WriteJSON wrote, and refuses what it cannot have written: figures
// out of range, and texts with control characters.
func ReadFile(name string) (*Report, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading a report: %w\n  try: a file that uringbench wrote with --json", err)
	}
	r, err := parse(text)
	var other *schemaError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("%s: %w\n  try: measuring again with --json, or the uringbench that wrote it", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: reading a report: %w\n  try: a file that uringbench wrote with --json", name, err)
	}
	return r, nil
}
