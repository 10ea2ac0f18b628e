//go:build linux

// Command restricted runs a choice of the tests of transport and readv in processes
// that may not use io_uring, or not as they like, or have one CPU or 32 bits, and
// says of each what it printed.
//
//	go run ./ci/restricted [-only WORDS]
//
// In each process a test finds that the restriction is in force and that the
// library makes of it what it is to; a process without that test fails, and so does
// a test that is skipped without a reason from package ci/skip. It needs root.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// restrict is the first argument of this program as it starts itself.
const restrict = "restrict"

func main() {
	if len(os.Args) > 1 && os.Args[1] == restrict {
		if err := become(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "restricted:", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "run the legs whose names have these `words` in them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "restricted:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("it takes root to become another user")
	}
	s, err := newSite()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	charged, err := s.ringsAreCharged(ctx)
	if err != nil {
		return err
	}
	fmt.Println("this kernel counts rings against RLIMIT_MEMLOCK:", charged)
	ran := 0
	var bad []string
	for _, l := range legs(charged) {
		if !strings.Contains(l.name, only) {
			continue
		}
		ran++
		if !s.runLeg(ctx, l) {
			bad = append(bad, l.name)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	switch {
	case ran == 0:
		return fmt.Errorf("no leg has %q in its name", only)
	case bad != nil:
		return fmt.Errorf("failed: %s", strings.Join(bad, "; "))
	}
	return nil
}

// runLeg builds and runs the tests of a leg and reports whether all went well.
func (s *site) runLeg(ctx context.Context, l leg) bool {
	start, ok := time.Now(), true
	fmt.Printf("\n== %s: engine %s\n", l.name, l.Engine)
	if l.leave != "" {
		fmt.Println("   without", l.leave)
	}
	for _, t := range l.packages {
		if err := s.test(ctx, l, t); err != nil {
			ok = false
			fmt.Printf("FAIL  %s: %v\n", t.folder, err)
		}
	}
	fmt.Printf("== %s: %v, %.1f s\n", l.name, map[bool]string{true: "ok", false: "FAILED"}[ok], time.Since(start).Seconds())
	return ok
}
