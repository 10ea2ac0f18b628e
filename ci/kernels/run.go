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
	measured map[measuring]*measured
	copies   map[copying]bool // of those that ran; whether the bytes were right
	suites   []*suiteResult   // as in suites
	warnings []string         // of the kernel's
	wrong    []string         // besides tests
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
	text, console, took, err := boot(ctx, r.image, initrd, folder, f.accel)
	r.took = took
	if err != nil {
		r.wrong = append(r.wrong, err.Error()+"\n"+tail(string(console)))
	}
	if f.keep != "" {
		r.check("keeping the output", os.CopyFS(filepath.Join(f.keep, filepath.Base(folder)), os.DirFS(folder)))
	}
	s, err := takeApart(text)
	r.check("what the guest said", err)
	r.release = s.release
	r.warnings = complaints(s.dmesg, string(console))
	for _, p := range suites {
		found, err := judge(ctx, p, s.jobs[p.name()], f.run != "")
		r.check(p.name(), err)
		r.suites = append(r.suites, found)
	}
	r.judgeBench(s)
	r.checkLacking(s)
}

// judgeBench looks at what uringbench did.
func (r *result) judgeBench(s *said) {
	r.check(jobServe, s.jobs[jobServe].finished())
	r.check(jobProbe, decode(s.jobs[jobProbe], &r.probe))
	r.check(jobProbe, r.probe.check(r.release))
	if o := s.jobs[jobForbidden]; o == nil || o.lacks == "" {
		var forbidden probed
		r.check(jobForbidden, decode(o, &forbidden))
		r.check(jobForbidden, forbidden.checkForbidden())
	}
	r.measured = make(map[measuring]*measured)
	for _, m := range measurings {
		found := new(measured)
		r.check(m.name(), decode(s.jobs[m.name()], found))
		r.check(m.name(), found.check())
		r.measured[m] = found
	}
	r.copies = make(map[copying]bool)
	want := knownDigest()
	for _, c := range copyings {
		o := s.jobs[c.name()]
		if o != nil && o.lacks != "" {
			continue
		}
		err := o.finished()
		if err == nil && o.digest != want {
			err = fmt.Errorf("WRONG BYTES: their SHA-256 is %s and not %s", o.digest, want)
		}
		r.copies[c] = err == nil
		r.check(c.name(), err)
	}
}

// checkLacking has only old kernels be without the sysctl.
func (r *result) checkLacking(s *said) {
	for name, o := range s.jobs {
		if o.lacks != "" && reaches(r.release, disabledSince) {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: not run: %s", name, o.lacks))
		}
	}
}

func (r *result) check(what string, err error) {
	if err != nil {
		r.wrong = append(r.wrong, what+": "+err.Error())
	}
}
