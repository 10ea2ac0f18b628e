package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/terminal"
)

// leftover is what progress looks like.
var leftover = regexp.MustCompile(`(?m)█|measuring \d|left: | …$|\x1b`)

// On a terminal there is a line that says how far it is, and none is left of it.
func TestProgress(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, c := range []struct{ args, shown, stays string }{
		{"--time 5ms --repeat 1 --size 4m --bs 4k --depth 1", "50% |██████████          | measuring 2 of 2, ", "Blocks and depths"},
		{"compare --server embedded --contenders uring,netconn-copy --time 5ms --repeat 1 --size 4m --bs 4k --depth 1", "50% |██████████          | measuring 2 of 2, ", "CPU ratio"},
		{"chaos --time 2s --protocol nfs3 --files 1 --size 1m", "50% |██████████          | nfs3, 1s left: ", "must be 0"},
		{"--quiet --time 5ms --repeat 1 --size 4m --bs 4k --depth 1", "", "Blocks and depths"},
		{"run gluster://127.0.0.1:1/volume/file", "looking for the files …", "  try: another port"},
	} {
		screen := terminal.Open(t, 200)
		cmd := command(t, strings.Fields(c.args)...)
		cmd.Stdout, cmd.Stderr = screen.Program, screen.Program
		err := cmd.Run()
		written := screen.Written()
		seen := terminal.Screen(written)
		if bad := err != nil; bad != strings.Contains(c.args, "://") || !strings.Contains(seen, c.stays) {
			t.Errorf("%s: %v\n%s", c.args, err, seen)
		}
		if c.shown == "" && strings.Contains(written, terminal.Erase) || !strings.Contains(written, c.shown) {
			t.Errorf("%s: no %q in %q", c.args, c.shown, written)
		}
		if left := leftover.FindString(seen); left != "" {
			t.Errorf("%s: left on the terminal: %q in\n%s", c.args, left, seen)
		}
	}
}
