package main

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kernelPackage is a package with a kernel image in it.
type kernelPackage struct{ name, version, series string }

// Debian's smallest kernels need no module for what tests do. From 6.19 on the
// image is in linux-binary, and linux-image is a script.
var imageName = regexp.MustCompile(`^linux-(image|binary)-(\d+\.\d+)(\.\d+\S*)?-cloud-amd64$`)

// kernels are the newest package of each series in the suite, in order.
func (a *aptRoot) kernels(ctx context.Context) ([]kernelPackage, error) {
	list, err := a.run(ctx, "apt-cache", "dumpavail")
	if err != nil {
		return nil, err
	}
	newest := make(map[string]kernelPackage)
	for _, p := range findKernels(list) {
		if old, has := newest[p.series]; !has || p.compare(old) > 0 {
			newest[p.series] = p
		}
	}
	var sorted []kernelPackage
	for _, p := range newest {
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, kernelPackage.compare)
	return sorted, nil
}

// findKernels reads stanzas as apt-cache writes them.
func findKernels(stanzas string) []kernelPackage {
	var found []kernelPackage
	for stanza := range strings.SplitSeq(stanzas, "\n\n") {
		var p kernelPackage
		for line := range strings.Lines(stanza) {
			switch field, value, _ := strings.Cut(strings.TrimSpace(line), ": "); field {
			case "Package":
				p.name = value
			case "Version":
				p.version = value
			}
		}
		// A name without a third number is a meta-package's.
		if m := imageName.FindStringSubmatch(p.name); m != nil && m[3] != "" {
			p.series = m[2]
			found = append(found, p)
		}
	}
	return found
}

// compare orders by version, and puts linux-binary after linux-image.
func (p kernelPackage) compare(q kernelPackage) int {
	if c := slices.Compare(numbers(p.version), numbers(q.version)); c != 0 {
		return c
	}
	binary := func(p kernelPackage) int { return strings.Count(p.name, "linux-binary-") }
	return cmp.Compare(binary(p), binary(q))
}

var number = regexp.MustCompile(`\d+`)

// numbers are those in a version, which order Debian's kernels well enough.
func numbers(version string) []int {
	var list []int
	for _, s := range number.FindAllString(version, -1) {
		n, _ := strconv.Atoi(s) // it is digits
		list = append(list, n)
	}
	return list
}
