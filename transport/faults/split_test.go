//go:build linux

package faults

import (
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// Of a stream that is split at every byte the bytes are the same, and most came in
// a segment of their own.
func TestSplit(t *testing.T) {
	const at, n = 50, 300
	c, p := through(t, together(4), Options{Script: Always(Fault{Kind: Split, At: at, Bytes: n}, Fault{Kind: Cut, At: at + n + 10})})
	expect(t, c, sum(ask(t, c, 100, 0, 1, 2, 3))[:at+n+10])
	expectEnd(t, c, io.EOF)
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	raw.Control(func(fd uintptr) { info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Data_segs_in; s < n/4 || s > n+10 {
		t.Errorf("%d segments for %d bytes of which %d are split", s, at+n+10, n)
	}
	expectStats(t, p, Split, Cut)
}
