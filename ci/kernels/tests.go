package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// suiteResult is how the tests of a package fared on one kernel.
type suiteResult struct {
	passed, failed int
	skips          []skipped
	wrong          []string // what makes it a failure, one finding each
	lacks          string   // not empty: nothing ran, the kernel lacks this
	took           time.Duration
}

// skipped is a test, or a part of one, that did not run.
type skipped struct{ test, reason string }

// kind is that of the reason, as package skip has it.
func (k skipped) kind() string {
	_, rest, _ := strings.Cut(k.reason, "[")
	kind, _, _ := strings.Cut(rest, "]")
	return kind
}

// event is what go tool test2json writes.
type event struct {
	Action, Test, Output string
}

// judge reads what a test binary wrote. Only where tests were chosen by name is it
// right that none ran. Tests that are run because io_uring is disabled have no
// reason to be skipped.
func judge(ctx context.Context, p suite, o *jobOutput, chosen bool) (*suiteResult, error) {
	r := &suiteResult{}
	if o == nil || !o.ended {
		r.wrong = append(r.wrong, "it did not end")
	} else if r.took, r.lacks = o.took, o.lacks; r.lacks != "" {
		return r, nil
	} else if o.err != "" {
		r.wrong = append(r.wrong, o.err)
	}
	if o == nil {
		return r, nil
	}
	cmd := exec.CommandContext(ctx, "go", "tool", "test2json")
	cmd.Stdin = bytes.NewReader(o.text)
	converted, err := output(cmd)
	if err != nil {
		return r, err
	}
	outputs := make(map[string]string)
	for d := json.NewDecoder(strings.NewReader(converted)); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return r, err
		}
		r.take(e, outputs)
	}
	if p.disabled != "" && len(r.skips) > 0 && !chosen {
		r.wrong = append(r.wrong, fmt.Sprintf("skipped: %v", r.skips))
	}
	if r.passed+r.failed+len(r.skips) == 0 && !chosen {
		r.wrong = append(r.wrong, "no test ran:\n"+tail(string(o.text)))
	} else if o.err != "" && r.failed == 0 {
		r.wrong = append(r.wrong, tail(string(o.text)))
	}
	return r, nil
}

func (r *suiteResult) take(e event, outputs map[string]string) {
	top := !strings.Contains(e.Test, "/")
	switch e.Action {
	case "run": // again, with -test.count
		delete(outputs, e.Test)
	case "output":
		outputs[e.Test] += e.Output
	case "pass":
		if top && e.Test != "" {
			r.passed++
		}
	case "fail":
		if e.Test == "" {
			return
		}
		if top {
			r.failed++
		}
		r.wrong = append(r.wrong, e.Test+":\n"+tail(outputs[e.Test]))
	case "skip":
		reason, typed := skip.Find(outputs[e.Test])
		if !typed {
			r.wrong = append(r.wrong, e.Test+" was skipped without a reason from package skip:\n"+tail(outputs[e.Test]))
		}
		r.skips = append(r.skips, skipped{e.Test, reason})
	}
}

// tail is as much of a text's end as people read.
func tail(text string) string {
	const most = 60
	var lines []string
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		lines = append(lines, "    "+s.Text())
	}
	if len(lines) > most {
		lines = append([]string{"    …"}, lines[len(lines)-most:]...)
	}
	return strings.Join(lines, "\n")
}
