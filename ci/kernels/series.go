package main

import (
	"slices"
	"strings"
)

// wanted is a kernel series and the suite it is in. The series "" stands for the
// newest of the suite, or for every one if each is set.
type wanted struct {
	series, suite string
	each          bool
}

const backports = "trixie-backports"

// shortList are the oldest that is supported, those of Debian's stable releases,
// and the newest there is. 5.10 carries the io_uring of 5.15.
var shortList = []wanted{
	{series: "5.10", suite: "bullseye-security"},
	{series: "6.1", suite: "bookworm-security"},
	{series: "6.12", suite: "trixie-security"},
	{suite: backports},
}

func choose(f flags) []wanted {
	switch {
	case f.only != "":
		var list []wanted
		for s := range strings.SplitSeq(f.only, ",") {
			w := wanted{series: s, suite: backports}
			if i := slices.IndexFunc(shortList, func(w wanted) bool { return w.series == s }); i >= 0 {
				w = shortList[i]
			}
			list = append(list, w)
		}
		return list
	case f.all:
		list := slices.Clone(shortList)
		list[len(list)-1].each = true
		return list
	}
	return shortList
}
