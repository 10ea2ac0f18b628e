package main

import (
	"regexp"
	"strings"
)

// complaint is what a kernel logs when it finds a fault of its own.
var complaint = regexp.MustCompile(`\bWARNING:|\bBUG\b|\bOops\b|general protection fault|Call Trace|` +
	`Kernel panic|refcount_t:|blocked for more than|soft lockup|stall(s|ed)? on CPUs|rcu:.*stall|Out of memory|UBSAN|KASAN`)

// complaints are the lines in which a kernel complains, each once.
func complaints(logs ...string) []string {
	var found []string
	seen := make(map[string]bool)
	for _, log := range logs {
		for line := range strings.Lines(log) {
			// Without level and time, which the console does not show.
			text := strings.TrimSpace(stamp.ReplaceAllString(line, ""))
			if complaint.MatchString(text) && !seen[text] {
				seen[text] = true
				found = append(found, text)
			}
		}
	}
	return found
}

var stamp = regexp.MustCompile(`^(<\d+>)?\[ *\d+\.\d+\] ?`)
