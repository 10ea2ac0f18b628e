package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// counted relays connections to an address and counts them.
func counted(t *testing.T, to string) (address string, count *atomic.Int64) {
	t.Helper()
	l := listen(t)
	count = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			s, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			relay := func(to, from net.Conn) {
				io.Copy(to, from)
				to.Close()
			}
			go relay(s, c)
			go relay(c, s)
		}
	}()
	return l.Addr().String(), count
}

// Repetitions share no connection: how one begins can decide what is measured for as long
// as it lasts.
func TestRepetitionsConnectAnew(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	served, err := url.Parse(serve(t, "nfs3", dir)("file"))
	if err != nil {
		t.Fatal(err)
	}
	port := served.Query().Get("nfsport")
	address, count := counted(t, net.JoinHostPort(served.Hostname(), port))
	_, ours, _ := net.SplitHostPort(address)
	through := strings.ReplaceAll(served.String(), "="+port, "="+ours)
	connections := func(repeat, conns string) int64 {
		before := count.Load()
		succeed(t, through, "--quiet", "--time", "5ms", "--repeat", repeat, "--conns", conns, "--bs", "4k", "--depth", "4", "--placement", "direct")
		return count.Load() - before
	}
	for _, conns := range []string{"1", "3"} {
		one, four := connections("1", conns), connections("4", conns)
		if n := int64(conns[0] - '0'); four-one < 3*n {
			t.Errorf("%s connections at a time: %d for one repetition, %d for four, want at least %d more", conns, one, four, 3*n)
		}
	}
}
