package chaos

import (
	"encoding/json"
	"io"

	"github.com/ringreadv/ringreadv/bench/report"
)

// Schema is the version of the form of a [Report].
const Schema = 1

// Report is what came of a run.
type Report struct {
	Schema int         `json:"schema"`
	Host   report.Host `json:"host"`
	Seed   uint64      `json:"seed"`
	// Interrupted: it was read for less time than was asked for.
	Interrupted bool  `json:"interrupted,omitempty"`
	Legs        []Leg `json:"legs"`
}

// Leg is what came of reading by one protocol.
type Leg struct {
	Protocol string  `json:"protocol"`
	Engine   string  `json:"engine"` // "uring" or "poller"
	Target   string  `json:"target"` // URL of the directory
	Files    int     `json:"files"`
	Seconds  float64 `json:"seconds"`

	Reads       uint64            `json:"reads"`
	Verified    uint64            `json:"verified"`       // ended with the bytes of the file
	Bytes       uint64            `json:"bytes"`          // of those
	Failed      map[string]uint64 `json:"failed"`         // reads that ended with an error, by kind
	Calls       uint64            `json:"other_calls"`    // and calls that are no reads
	CallsFailed map[string]uint64 `json:"other_failures"` // of those, by what was called, and kind

	Faults    map[string]uint64 `json:"faults"`    // by kind
	Corrupted map[string]uint64 `json:"corrupted"` // of those, by field

	Volumes        uint64 `json:"volumes"`     // dialled and closed
	Connections    int    `json:"connections"` // made
	LostConns      uint64 `json:"lost_connections"`
	Reconnects     uint64 `json:"reconnects"`
	Resends        uint64 `json:"resends"`
	Pings          uint64 `json:"pings"`
	LateReplies    uint64 `json:"late_replies"`    // to calls given up, drained
	UnknownReplies uint64 `json:"unknown_replies"` // to nothing, drained
	OutOfOrder     uint64 `json:"out_of_order"`
	WrongGuesses   uint64 `json:"wrong_guesses"`

	// Breaches are what must not be, by kind: all have to be 0.
	Breaches map[string]uint64 `json:"breaches"`
	// Complaints tell of the first breaches; Stacks are all goroutines when
	// something hung.
	Complaints []string `json:"complaints,omitempty"`
	Stacks     string   `json:"stacks,omitempty"`
}

// Good reports whether nothing was that must not be, and anything was read.
func (l *Leg) Good() bool {
	for _, n := range l.Breaches {
		if n > 0 {
			return false
		}
	}
	return l.Verified > 0
}

// report is what came of the leg.
func (l *leg) report(seconds float64) Leg {
	p := l.proxy.Stats()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := Leg{
		Protocol: l.source.protocol, Engine: l.config.Engine.String(), Target: l.source.dir, Files: len(l.source.files), Seconds: seconds,
		Reads: l.reads, Verified: l.verified, Bytes: l.bytes, Failed: l.failed, Calls: l.calls, CallsFailed: l.callFailed,
		Faults: make(map[string]uint64), Corrupted: make(map[string]uint64),
		Volumes: l.volumes, Connections: p.Conns, LostConns: l.stats.LostConns,
		Reconnects: l.stats.Reconnects, Resends: l.stats.Resends, Pings: l.stats.Pings,
		LateReplies: l.stats.LateReplies, UnknownReplies: l.stats.UnknownReplies,
		OutOfOrder: l.stats.OutOfOrder, WrongGuesses: l.stats.WrongGuesses,
		Breaches: make(map[string]uint64), Complaints: l.complaints, Stacks: string(l.stacks),
	}
	for k, n := range p.Faults {
		r.Faults[k.String()] = n
	}
	for f, n := range p.Corrupt {
		r.Corrupted[f.String()] = n
	}
	for b, n := range l.broken {
		r.Breaches[breachNames[b]] = n
	}
	return r
}

// WriteJSON writes the report as one indented object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
