package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// result is what one kernel gave.
type result struct {
	kernel
	release  string
	took     time.Duration
	probe    probed
	measured measured
	suites   map[string]*suiteResult // by folder
	warnings []string                // of the kernel's
	wrong    []string                // besides tests
}

// runAll boots the kernels, a few at a time.
func runAll(ctx context.Context, kernels []kernel, initrd, work string, f flags) []*result {
	results := make([]*result, len(kernels))
	room := make(chan struct{}, f.guests)
	var all sync.WaitGroup
	for i, k := range kernels {
		results[i] = &result{kernel: k}
		if k.image == "" {
			continue
		}
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			fmt.Println("booting", k)
			results[i].run(ctx, initrd, filepath.Join(work, k.suite+"_"+k.version), f)
			fmt.Printf("%s: %v\n", results[i].release, results[i].took.Round(time.Second))
		})
	}
	all.Wait()
	return results
}

func (r *result) run(ctx context.Context, initrd, folder string, f flags) {
	text, console, took, err := boot(ctx, r.image, initrd, folder)
	r.took = took
	if err != nil {
		r.wrong = append(r.wrong, err.Error()+"\n"+tail(string(console)))
	}
	if f.keep != "" {
		r.check(os.CopyFS(filepath.Join(f.keep, filepath.Base(folder)), os.DirFS(folder)))
	}
	s, err := takeApart(text)
	r.check(err)
	r.release = s.release
	r.warnings = complaints(s.dmesg, string(console))
	r.suites = make(map[string]*suiteResult)
	for _, p := range suites {
		r.suites[p.folder], err = judge(ctx, s.jobs[p.folder], f.run != "")
		r.check(err)
	}
	r.check(decode(s.jobs[jobProbe], &r.probe))
	r.check(decode(s.jobs[jobRun], &r.measured))
	r.check(r.measured.check())
}

func (r *result) check(err error) {
	if err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
}
