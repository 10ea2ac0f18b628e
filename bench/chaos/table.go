package chaos

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	text "github.com/ringreadv/ringreadv/bench/table"
	"github.com/ringreadv/ringreadv/transport/faults"
)

// table shows the legs of a report side by side.
type table struct {
	*text.Table
	legs []Leg
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	head := []string{fmt.Sprintf("seed %d", r.Seed)}
	for _, l := range r.Legs {
		head = append(head, fmt.Sprintf("%s, %.0f s, %s", l.Protocol, l.Seconds, l.Engine))
	}
	t := table{text.New(1, head...), r.Legs}
	t.row("reads", func(l *Leg) uint64 { return l.Reads })
	t.row("  verified", func(l *Leg) uint64 { return l.Verified })
	t.rows("  failed: ", nil, func(l *Leg) map[string]uint64 { return l.Failed })
	t.row("other calls", func(l *Leg) uint64 { return l.Calls })
	t.rows("  failed: ", nil, func(l *Leg) map[string]uint64 { return l.CallsFailed })
	t.row("connections", func(l *Leg) uint64 { return uint64(l.Connections) })
	t.row("  lost", func(l *Leg) uint64 { return l.LostConns })
	t.row("  reconnects", func(l *Leg) uint64 { return l.Reconnects })
	t.row("  re-sends", func(l *Leg) uint64 { return l.Resends })
	t.row("  pings", func(l *Leg) uint64 { return l.Pings })
	t.row("  replies that overtook others", func(l *Leg) uint64 { return l.OutOfOrder })
	t.row("  late replies drained", func(l *Leg) uint64 { return l.LateReplies })
	t.row("  unknown replies drained", func(l *Leg) uint64 { return l.UnknownReplies })
	t.row("faults", func(l *Leg) uint64 { return sum(l.Faults) })
	for _, k := range faults.Kinds() {
		t.row("  "+k.String(), func(l *Leg) uint64 { return l.Faults[k.String()] })
		if k == faults.Corrupt {
			t.rows("    ", names(faults.Fields()), func(l *Leg) map[string]uint64 { return l.Corrupted })
		}
	}
	t.row("must be 0", func(l *Leg) uint64 { return sum(l.Breaches) })
	t.rows("  ", breachNames[:], func(l *Leg) map[string]uint64 { return l.Breaches })
	return t.Write(w)
}

// row adds what is to be known of each leg.
func (t *table) row(name string, of func(*Leg) uint64) {
	row := []string{name}
	for i := range t.legs {
		row = append(row, humanize.Comma(int64(of(&t.legs[i]))))
	}
	t.Add(row...)
}

// rows adds a row for each name, or for all that there are, sorted.
func (t *table) rows(prefix string, names []string, of func(*Leg) map[string]uint64) {
	if names == nil {
		all := make(map[string]bool)
		for i := range t.legs {
			for name := range of(&t.legs[i]) {
				all[name] = true
			}
		}
		names = slices.Sorted(maps.Keys(all))
	}
	for _, name := range names {
		t.row(prefix+name, func(l *Leg) uint64 { return of(l)[name] })
	}
}

func sum(counts map[string]uint64) (n uint64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func names[T fmt.Stringer](list []T) (names []string) {
	for _, v := range list {
		names = append(names, v.String())
	}
	return names
}

// Err is nil if nothing was that must not be; else it tells what, and with the
// stacks of all goroutines if something hung or was left.
func (r *Report) Err() error {
	var b strings.Builder
	for _, l := range r.Legs {
		if l.Good() {
			continue
		}
		fmt.Fprintf(&b, "%s: what must not be has been, or nothing was read; the seed was %d", l.Protocol, r.Seed)
		for _, c := range l.Complaints {
			b.WriteString("\n  " + c)
		}
		if l.Stacks != "" {
			b.WriteString("\n" + l.Stacks)
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return errors.New(b.String())
}
