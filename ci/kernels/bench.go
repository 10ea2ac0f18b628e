package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// probed is what uringbench probe --json says, as far as it matters here.
type probed struct {
	Features []struct {
		Name, Since, Answer, Error, Use string
	} `json:"features"`
}

// measured is what uringbench run --json says.
type measured struct {
	Runs []struct {
		Block int   `json:"block_bytes"`
		Reads int64 `json:"reads"`
		Own   struct {
			Receives map[string]int `json:"receives"`
		} `json:"own"`
		Errors   int  `json:"errors"`
		Verified bool `json:"verified"`
	} `json:"runs"`
}

// decode reads the JSON object that uringbench wrote.
func decode(o *jobOutput, to any) error {
	if err := o.finished(); err != nil {
		return err
	}
	// Its tables are for stderr, which is the same port.
	from := strings.IndexByte(string(o.text), '{')
	if from < 0 {
		return fmt.Errorf("uringbench said nothing:\n%s", tail(string(o.text)))
	}
	return json.NewDecoder(strings.NewReader(string(o.text[from:]))).Decode(to)
}

// finished says what is wrong with a program that was to end well.
func (o *jobOutput) finished() error {
	switch {
	case o == nil || !o.ended:
		return errors.New("it did not end")
	case o.err != "":
		return fmt.Errorf("%s\n%s", o.err, tail(string(o.text)))
	}
	return nil
}

// check says which features are not there though the kernel is new enough.
func (p *probed) check(release string) error {
	var wrong []error
	for _, f := range p.Features {
		if reaches(release, f.Since) && f.Answer != "yes" {
			wrong = append(wrong, fmt.Errorf("%s: %s (%s), though it is there since %s", f.Name, f.Answer, f.Error, f.Since))
		}
	}
	if len(p.Features) == 0 {
		wrong = append(wrong, errors.New("no feature"))
	}
	return errors.Join(wrong...)
}

// checkForbidden says what is wrong where the sysctl forbids io_uring.
func (p *probed) checkForbidden() error {
	const cause = "sysctl kernel.io_uring_disabled is 2"
	if len(p.Features) == 0 || p.Features[0].Answer != "forbidden" || !strings.Contains(p.Features[0].Error, cause) {
		return fmt.Errorf("not forbidden by the %s: %+v", cause, p.Features)
	}
	return nil
}

// check says what is wrong with it: every byte of every read is to be right.
func (m *measured) check() error {
	if len(m.Runs) == 0 {
		return errors.New("no measurement")
	}
	for _, r := range m.Runs {
		if r.Reads == 0 || r.Errors > 0 || !r.Verified {
			return fmt.Errorf("blocks of %d bytes: %d reads, %d errors, verified %v", r.Block, r.Reads, r.Errors, r.Verified)
		}
	}
	return nil
}
