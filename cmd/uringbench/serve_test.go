package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ringreadv/ringreadv/readv"
)

// Replies in fragments and out of order bring the same bytes, and it is to be seen that
// they were: a fragment more is a mark more on the wire.
func TestServeOddReplies(t *testing.T) {
	const size, block, depth, fragment = 4 << 20, 16 << 10, 16, 1024
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(size), 0o644); err != nil {
		t.Fatal(err)
	}
	read := func(url string) (marks, outOfOrder uint64) {
		f, err := readv.Open(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		before := f.Volume().Stats()
		q, done := f.Volume().NewQueue(depth), make([]*readv.Op, depth)
		for off := int64(0); off < size; off += depth * block {
			for i := range int64(depth) {
				if _, err := q.Add(&readv.Op{File: f, Off: off + i*block, Iovs: [][]byte{make([]byte, block)}}); err != nil {
					t.Fatal(err)
				}
			}
			for q.InFlight() > 0 { // all calls leave at once
				n, err := q.Wait(t.Context(), done, depth)
				if err != nil {
					t.Fatal(err)
				}
				for _, op := range done[:n] {
					if op.Err != nil || op.N != block {
						t.Fatal(op.N, op.Err)
					}
				}
			}
		}
		after := f.Volume().Stats()
		return (after.ReceivedBytes - before.ReceivedBytes - size) / 4, after.OutOfOrder
	}
	for _, protocol := range protocols {
		few, order := read(serve(t, protocol, dir)("file"))
		if order != 0 {
			t.Errorf("%s: %d replies overtook others", protocol, order)
		}
		cmd := command(t, "serve", "--dir", dir, "--protocol", protocol, "--fragment", "1k", "--shuffle", "7")
		url := started(t, cmd)("file")
		many, order := read(url)
		if more := many - few; more < size/fragment-100 || more > size/fragment+1000 {
			t.Errorf("%s: fragments of %d bytes of %d make %d marks more", protocol, fragment, size, more)
		}
		if order == 0 {
			t.Errorf("%s: no reply overtook another", protocol)
		}
		r := reportOf(t, succeed(t, url, "--bs", "64k", "--depth", "16", "--repeat", "1", "--time", "20ms", "--size", "1m", "--files", "1", "--verify", "--quiet", "--json", "-"))
		if len(r.Runs) != 2 || !r.Runs[0].Verified || !r.Runs[1].Verified {
			t.Errorf("%s: %+v", protocol, r.Runs)
		}
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}
