package netconn_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"

	"github.com/ringreadv/ringreadv/bench/netconn"
	"github.com/ringreadv/ringreadv/bench/server"
)

// Many reads of an NFS file are in flight, of lengths that are padded too, and each
// brings its bytes.
func TestNFSReadsInFlight(t *testing.T) {
	host, text, err := net.SplitHostPort(embedded(t))
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, bounce := range []bool{false, true} {
		f, err := netconn.OpenNFS(t.Context(), netconn.NFS{Server: host, NFSPort: port, MountPort: port, Path: "/bench/file"})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		f.Bounce = bounce
		start := func(tag int) {
			r := netconn.Read{Buf: make([]byte, 1+rand.IntN(20_000)), Tag: tag}
			r.Off = rand.Int64N(size - int64(len(r.Buf)))
			if err := f.Start(r); err != nil {
				t.Fatal(err)
			}
		}
		const depth, count = 16, 500
		for i := range depth {
			start(i)
		}
		var brought uint64
		for i := depth; i < count+depth; i++ {
			r, err := f.Next()
			if err != nil {
				t.Fatal(err)
			}
			want := make([]byte, len(r.Buf))
			server.Pattern(seed, r.Off, want)
			if r.N != len(want) || !bytes.Equal(r.Buf, want) {
				t.Fatalf("%d of %d bytes at %d, and not those of the file", r.N, len(want), r.Off)
			}
			brought += uint64(r.N)
			if i < count {
				start(i)
			}
		}
		if bounce && f.CopiedBytes() < brought || f.Syscalls() < count {
			t.Errorf("%d bytes of %d copied, %d system calls", f.CopiedBytes(), brought, f.Syscalls())
		}
		// One at a time, after the others.
		p, want := make([]byte, 100_000), make([]byte, 100_000)
		server.Pattern(seed, 77, want)
		if n, err := f.ReadAt(p, 77); n != len(p) || err != nil || !bytes.Equal(p, want) {
			t.Errorf("%d, %v", n, err)
		}
	}
}
