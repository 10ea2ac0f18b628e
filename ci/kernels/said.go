package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
)

// jobOutput is what one job wrote and how /init says it ended.
type jobOutput struct {
	text   []byte
	ended  bool
	err    string // not empty: why it did not end well
	lacks  string // not empty: it was not run, the kernel lacks this
	digest string
	took   time.Duration
}

// said is what a guest said, taken apart.
type said struct {
	release string
	jobs    map[string]*jobOutput
	dmesg   string
}

func takeApart(text []byte) (*said, error) {
	s := &said{jobs: make(map[string]*jobOutput)}
	var current *jobOutput
	for line := range bytes.Lines(text) {
		rest, marked := bytes.CutPrefix(line, []byte(talk.Mark))
		if !marked {
			if current != nil {
				current.text = append(current.text, line...)
			}
			continue
		}
		var l talk.Line
		if err := json.Unmarshal(rest, &l); err != nil {
			return s, fmt.Errorf("a line of the guest's: %w", err)
		}
		s.dmesg += l.Dmesg
		switch {
		case l.Kernel != "":
			s.release = l.Kernel
		case l.Begin != "":
			current = new(jobOutput)
			s.jobs[l.Begin] = current
		case l.End != "" && current != nil:
			current.ended, current.err, current.lacks, current.digest, current.took = true, l.Error, l.Lacks, l.Digest, l.Took
			current = nil
		}
	}
	return s, nil
}
