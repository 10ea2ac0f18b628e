package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// conclude prints what was found, the table last, and reports whether it is good.
func conclude(results []*result, f flags) (bool, error) {
	for _, r := range results {
		r.printFindings(os.Stdout)
	}
	printSkips(os.Stdout, results)
	never := onNoKernel(results)
	for _, test := range never {
		fmt.Printf("FAILED: %s was skipped on every kernel for what the kernel lacks\n", test)
	}
	fmt.Println()
	ok := len(never) == 0
	for _, r := range results {
		ok = ok && (r.good() || r.image == "" && f.allowMissing)
	}
	return ok, printTable(os.Stdout, results)
}

func (r *result) good() bool {
	if r.image == "" || len(r.wrong)+len(r.warnings) > 0 {
		return false
	}
	for _, s := range r.suites {
		if len(s.wrong) > 0 {
			return false
		}
	}
	return true
}

// printFindings writes all that is wrong, in full.
func (r *result) printFindings(w io.Writer) {
	if r.image == "" {
		fmt.Fprintf(w, "\n%v\n", r.kernel)
		return
	}
	for _, text := range r.wrong {
		fmt.Fprintf(w, "\nFAILED on %s: %s\n", r.version, text)
	}
	for _, p := range suites {
		for _, text := range r.suites[p.folder].wrong {
			fmt.Fprintf(w, "\nFAILED on %s: %s: %s\n", r.version, p.folder, text)
		}
	}
	for _, text := range r.warnings {
		fmt.Fprintf(w, "\nKERNEL WARNING on %s: %s\n", r.version, text)
	}
}

// printSkips writes each test that was skipped, with its reason and the kernels.
func printSkips(w io.Writer, results []*result) {
	on := make(map[skipped][]string)
	for _, r := range results {
		for _, p := range suites {
			if s := r.suites[p.folder]; s != nil {
				for _, k := range s.skips {
					k.test = p.folder + " " + k.test
					on[k] = append(on[k], r.series)
				}
			}
		}
	}
	var list []skipped
	for k := range on {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b skipped) int {
		return cmp.Or(cmp.Compare(a.test, b.test), cmp.Compare(a.reason, b.reason))
	})
	for _, k := range list {
		fmt.Fprintf(w, "skipped: %s on %s: %s\n", k.test, strings.Join(on[k], " "), k.reason)
	}
}

// onNoKernel are the tests that no kernel of several was new enough for.
func onNoKernel(results []*result) []string {
	count, ran := make(map[string]int), 0
	for _, r := range results {
		if r.suites != nil {
			ran++
		}
		for folder, s := range r.suites {
			for _, k := range s.skips {
				if strings.HasPrefix(k.reason, "skip[kernel]") {
					count[folder+" "+k.test]++
				}
			}
		}
	}
	var never []string
	for test, n := range count {
		if ran > 1 && n == ran {
			never = append(never, test)
		}
	}
	slices.Sort(never)
	return never
}

func printTable(out io.Writer, results []*result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "kernel\tsuite\tresult")
	for _, p := range suites {
		fmt.Fprintf(w, "\t%s", p.folder)
	}
	fmt.Fprint(w, "\twarnings\ttime\tengine, plan, syscalls a read and bytes copied per byte\n")
	for _, r := range results {
		if r.image == "" {
			fmt.Fprintf(w, "%s\t%s\tNOT RUN\n", cmp.Or(r.series, "newest"), r.suite)
			continue
		}
		word := "ok"
		if !r.good() {
			word = "FAILED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s", r.release, r.suite, word)
		for _, p := range suites {
			fmt.Fprintf(w, "\t%v", r.suites[p.folder])
		}
		fmt.Fprintf(w, "\t%d\t%v\t%s\n", len(r.warnings), r.took.Round(time.Second), r.chosen())
	}
	fmt.Fprintln(w)
	printFeatures(w, results)
	return w.Flush()
}

// String is a cell of the table: passed+failed+skipped, and how long.
func (s *suiteResult) String() string {
	text := fmt.Sprintf("%d ok", s.passed)
	if s.failed > 0 {
		text += fmt.Sprintf(" %d FAILED", s.failed)
	} else if len(s.wrong) > 0 {
		text += " FAILED"
	}
	if len(s.skips) > 0 {
		text += fmt.Sprintf(" %d skipped", len(s.skips))
	}
	return fmt.Sprintf("%s %v", text, s.took.Round(time.Second))
}

// chosen says how files were read.
func (r *result) chosen() string {
	text := r.probe.Engine
	for _, m := range r.measured.Runs {
		text += fmt.Sprintf("; %dk: %s %.2f %.2f", m.Block>>10, m.Plan, m.Syscalls, m.Copied)
	}
	return text
}

// printFeatures writes what each kernel answered, and what became of it.
func printFeatures(w io.Writer, results []*result) {
	var with []*result
	for _, r := range results {
		if len(r.probe.Features) > 0 {
			with = append(with, r)
		}
	}
	if len(with) == 0 {
		return
	}
	fmt.Fprint(w, "feature")
	for _, r := range with {
		fmt.Fprintf(w, "\t%s", r.series)
	}
	fmt.Fprintln(w)
	for i, f := range with[0].probe.Features {
		fmt.Fprint(w, f.Name)
		for _, r := range with {
			f := r.probe.Features[i]
			fmt.Fprintf(w, "\t%s", f.Answer)
			if strings.HasPrefix(f.Use, "used:") || f.Use == "used" {
				fmt.Fprint(w, ", used")
			}
		}
		fmt.Fprintln(w)
	}
}
