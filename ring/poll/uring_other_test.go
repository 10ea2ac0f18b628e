//go:build !linux

package poll_test

import "testing"

const noSignal = 0

func onURing(t *testing.T, _ func(rig)) { t.Skip("io_uring is Linux's") }
