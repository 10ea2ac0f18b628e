//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/ringreadv/ringreadv/ci/skip"
)

var (
	proved  = []byte("\n--- PASS: " + proof + " (")
	skipped = regexp.MustCompile(`(?m)^ *--- SKIP: `)
	// shown are go test's lines of tests, not of their parts, and reasons of skips.
	shown = regexp.MustCompile(`(?m)^(--- |PASS|ok|.*skip\[).*\n`)
)

// judge finds what go test takes for success and is none. Where tests were chosen,
// the proof is among them.
func judge(out []byte, wantsProof bool) error {
	var errs []error
	if wantsProof && !bytes.Contains(out, proved) {
		errs = append(errs, errors.New(proof+" did not pass: the restriction may not be in force"))
	}
	reasons := 0
	for line := range bytes.Lines(out) {
		if _, typed := skip.Find(string(line)); typed {
			reasons++
		}
	}
	if n := len(skipped.FindAll(out, -1)); n > reasons {
		errs = append(errs, fmt.Errorf("%d tests skipped, and %d reasons of package skip", n, reasons))
	}
	return errors.Join(errs...)
}

func results(out []byte) []byte { return bytes.Join(shown.FindAll(out, -1), nil) }
