package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// store is the cache folder: a file per kernel, named SUITE_SERIES_VERSION, and
// apt's state per suite. Kernels stay when the mirror drops them.
type store struct {
	dir     string
	offline bool
}

// kernel is an image to boot, or why there is none.
type kernel struct {
	wanted
	version, image string
	note           error // why it comes from the cache, or is missing
}

func (k kernel) String() string {
	name := strings.TrimSpace(k.series + " of " + k.suite)
	if k.series == "" {
		name = "newest of " + k.suite
	}
	switch {
	case k.image == "":
		return fmt.Sprintf("%-30s NOT TO BE HAD: %v", name, k.note)
	case k.note != nil:
		return fmt.Sprintf("%-30s %s (from the cache: %v)", name, k.version, k.note)
	}
	return fmt.Sprintf("%-30s %s", name, k.version)
}

func allThere(kernels []kernel) bool {
	return !slices.ContainsFunc(kernels, func(k kernel) bool { return k.image == "" })
}

func openStore(dir string, offline bool) (*store, error) {
	return &store{dir: dir, offline: offline}, os.MkdirAll(dir, 0o755)
}

var errOffline = errors.New("the mirror was not asked")

// obtain gets each kernel from the mirror, or else from the cache.
func (s *store) obtain(ctx context.Context, list []wanted) []kernel {
	var kernels []kernel
	for _, w := range list {
		err := errOffline
		var got []kernel
		if !s.offline {
			got, err = s.fetch(ctx, w)
		}
		if err != nil {
			got = s.cached(w, err)
		}
		kernels = append(kernels, got...)
	}
	return kernels
}

// fetch brings what is wanted into the cache, as far as it is not there.
func (s *store) fetch(ctx context.Context, w wanted) ([]kernel, error) {
	apt, err := openApt(ctx, filepath.Join(s.dir, "apt", w.suite), w.suite)
	if err != nil {
		return nil, err
	}
	packages, err := apt.kernels(ctx)
	if err != nil {
		return nil, err
	}
	if w.series != "" {
		packages = slices.DeleteFunc(packages, func(p kernelPackage) bool { return p.series != w.series })
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("%s has no such kernel", w.suite)
	}
	if !w.each {
		packages = packages[len(packages)-1:]
	}
	var got []kernel
	for _, p := range packages {
		k := kernel{wanted: wanted{series: p.series, suite: w.suite}, version: p.version}
		k.image = filepath.Join(s.dir, strings.Join([]string{w.suite, p.series, p.version}, "_"))
		if _, err := os.Stat(k.image); err != nil {
			if err := apt.extract(ctx, p, k.image); err != nil {
				return nil, err
			}
			if err := s.dropOlder(k); err != nil {
				return nil, err
			}
		}
		got = append(got, k)
	}
	return got, nil
}

// dropOlder removes what k takes the place of.
func (s *store) dropOlder(k kernel) error {
	files, err := filepath.Glob(filepath.Join(s.dir, k.suite+"_"+k.series+"_*"))
	for _, f := range files {
		if f != k.image {
			err = errors.Join(err, os.Remove(f))
		}
	}
	return err
}

// cached looks for what is wanted among what earlier runs fetched.
func (s *store) cached(w wanted, why error) []kernel {
	files, _ := filepath.Glob(filepath.Join(s.dir, w.suite+"_*_*")) // the pattern is good
	newest := make(map[string]kernel)
	for _, f := range files {
		part := strings.SplitN(filepath.Base(f), "_", 3)
		k := kernel{wanted: wanted{series: part[1], suite: w.suite}, version: part[2], image: f, note: why}
		old, has := newest[k.series]
		if (w.series == "" || w.series == k.series) && (!has || k.compare(old) > 0) {
			newest[k.series] = k
		}
	}
	if len(newest) == 0 {
		return []kernel{{wanted: w, note: why}}
	}
	var list []kernel
	for _, k := range newest {
		list = append(list, k)
	}
	slices.SortFunc(list, kernel.compare)
	if !w.each {
		list = list[len(list)-1:]
	}
	return list
}

func (k kernel) compare(l kernel) int { return slices.Compare(numbers(k.version), numbers(l.version)) }
