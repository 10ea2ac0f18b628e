package main

import "slices"

// disabledSince is the first kernel with kernel.io_uring_disabled.
const disabledSince = "6.6"

// reaches compares the first two numbers of a release with those of since.
func reaches(release, since string) bool {
	return slices.Compare(series(release), series(since)) >= 0
}

func series(release string) []int {
	n := numbers(release)
	return n[:min(2, len(n))]
}
