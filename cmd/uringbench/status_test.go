package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/bench"
)

func TestStatus(t *testing.T) {
	ended, stop := signal.NotifyContext(t.Context(), syscall.SIGUSR2)
	defer stop()
	syscall.Kill(syscall.Getpid(), syscall.SIGUSR2)
	<-ended.Done()
	broken := bench.Interrupted(23, 70)
	other := errors.New("no space")
	for _, c := range []struct {
		name   string
		ctx    context.Context
		err    error
		status int
		says   string
	}{
		{"failure", t.Context(), other, 1, "uringbench: no space\n"},
		{"usage", t.Context(), usage(other), 2, "uringbench: no space\n  see: uringbench x --help\n"},
		{"usage, wrapped", t.Context(), fmt.Errorf("x: %w", usage(other)), 2, "uringbench: x: no space\n  see: uringbench x --help\n"},
		{"worse", t.Context(), worse(other), 3, "uringbench: no space\n"},
		{"worse, and not written", t.Context(), errors.Join(worse(other), other), 1, "uringbench: no space\nno space\n"},
		{"interrupted", ended, broken, 130, "uringbench: interrupted after 23 of 70 measurements\n"},
		{"interrupted, joined", ended, errors.Join(broken, nil), 130, "uringbench: interrupted after 23 of 70 measurements\n"},
		{"interrupted at once", ended, bench.Interrupted(0, 70), 130, "uringbench: interrupted\n"},
		{"interrupted while connecting", ended, fmt.Errorf("url: connecting: %w", context.Canceled), 130, "uringbench: interrupted\n"},
		{"interrupted, the cause", ended, fmt.Errorf("url: %w", context.Cause(ended)), 130, "uringbench: interrupted\n"},
		{"interrupted, and not written", ended, errors.Join(broken, other), 1, "uringbench: interrupted after 23 of 70 measurements\nno space\n"},
		{"cancelled by itself", t.Context(), context.Canceled, 1, "uringbench: context canceled\n"},
		{"something else after the signal", ended, net.ErrClosed, 1, "uringbench: use of closed network connection\n"},
		{"nothing", ended, nil, 0, ""},
	} {
		if got := statusOf(c.ctx, c.err); got != c.status {
			t.Errorf("%s: status %d, want %d", c.name, got, c.status)
		}
		if c.err == nil {
			continue
		}
		var b strings.Builder
		if tell(c.ctx, &b, c.err, "uringbench x"); b.String() != c.says {
			t.Errorf("%s: says %q, want %q", c.name, b.String(), c.says)
		}
	}
	for _, status := range []int{0, exitFailure, exitUsage, exitWorse, exitInterrupted} {
		if !strings.Contains(newRoot().Long, fmt.Sprintf("\n  %-4d ", status)) {
			t.Errorf("the help does not have status %d", status)
		}
	}
}
