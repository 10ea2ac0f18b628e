package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// probed is what uringbench probe --json says, as far as it is shown here.
type probed struct {
	Engine   string `json:"engine"`
	Features []struct {
		Name, Answer, Use string
	} `json:"features"`
}

// measured is what uringbench run --json says.
type measured struct {
	Runs []struct {
		Plan     string  `json:"plan"`
		Fixed    bool    `json:"fixed"`
		Block    int     `json:"block_bytes"`
		Reads    int64   `json:"reads"`
		Syscalls float64 `json:"syscalls_per_read"`
		Copied   float64 `json:"copied_bytes_per_byte"`
		Errors   int     `json:"errors"`
		Verified bool    `json:"verified"`
	} `json:"runs"`
}

// decode reads the JSON object that uringbench wrote.
func decode(o *jobOutput, to any) error {
	if o == nil || !o.ended {
		return errors.New("uringbench did not end")
	}
	if o.err != "" {
		return fmt.Errorf("uringbench: %s\n%s", o.err, tail(string(o.text)))
	}
	// Its tables are for stderr, which is the same port.
	from := strings.IndexByte(string(o.text), '{')
	if from < 0 {
		return fmt.Errorf("uringbench said nothing:\n%s", tail(string(o.text)))
	}
	return json.NewDecoder(strings.NewReader(string(o.text[from:]))).Decode(to)
}

// check says what is wrong with it: every byte of every read is to be right.
func (m *measured) check() error {
	if len(m.Runs) == 0 {
		return errors.New("uringbench run: no measurement")
	}
	for _, r := range m.Runs {
		if r.Reads == 0 || r.Errors > 0 || !r.Verified {
			return fmt.Errorf("uringbench run: blocks of %d bytes: %d reads, %d errors, verified %v", r.Block, r.Reads, r.Errors, r.Verified)
		}
	}
	return nil
}
