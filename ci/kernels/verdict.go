package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
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
	err := sheetOf(results).text(os.Stdout)
	if f.markdown && err == nil {
		fmt.Println()
		err = sheetOf(results).markdown(os.Stdout)
	}
	return len(never) == 0 && allGood(results, f.allowMissing), err
}

// allGood reports whether every kernel is good, or missing where that may be: not
// all of them.
func allGood(results []*result, allowMissing bool) bool {
	ran := false
	for _, r := range results {
		if r.image == "" && allowMissing {
			continue
		}
		if ran = r.good(); !ran {
			return false
		}
	}
	return ran
}

func (r *result) good() bool {
	return r.image != "" && len(r.wrong)+len(r.warnings) == 0 &&
		!slices.ContainsFunc(r.suites, func(s *suiteResult) bool { return len(s.wrong) > 0 })
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
	for i, s := range r.suites {
		for _, text := range s.wrong {
			fmt.Fprintf(w, "\nFAILED on %s: %s: %s\n", r.version, suites[i].name(), text)
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
		for i, s := range r.suites {
			for _, k := range s.skips {
				k.test = suites[i].name() + ": " + k.test
				on[k] = append(on[k], r.series)
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
		for i, s := range r.suites {
			for _, k := range s.skips {
				if strings.HasPrefix(k.reason, "skip[kernel]") {
					count[suites[i].name()+": "+k.test]++
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
