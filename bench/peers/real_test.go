package peers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/netconn"
	"github.com/ringreadv/ringreadv/ci/peers"
)

// The programs read from real servers what is in the files.

const realBytes = 3<<20 + 4321

func randomBytes() []byte {
	p := make([]byte, realBytes)
	rnd := rand.NewChaCha8([32]byte{7})
	rnd.Read(p)
	return p
}

// sumOf is the sum of so many blocks from the offset on, also where they wrap.
func sumOf(content []byte, block int, off int64, blocks int) (s Sum) {
	for range blocks {
		if off+int64(block) > int64(len(content)) {
			off = 0
		}
		s.Add(content[off:off+int64(block)], off)
		off += int64(block)
	}
	return s
}

// tryProgram has a program read a file that another way fills, and then changes.
func tryProgram(t *testing.T, p *Program, write func([]byte), args ...string) {
	t.Helper()
	path := built(t, p)
	content := randomBytes()
	start := func(block, depth int) *Child {
		cmd := exec.Command(path, append(args[:len(args):len(args)], strconv.Itoa(block), strconv.Itoa(depth))...)
		c, err := Start(t.Context(), cmd, block, cmd.Start)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	check := func(c *Child, block int, off int64, blocks int) Sum {
		s, err := c.Check(off, blocks)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, block := range []int{4 << 10, 128 << 10, 1 << 20} {
		for _, depth := range []int{1, 16} {
			c := start(block, depth)
			inFile := realBytes / block
			for _, blocks := range []int{1, inFile, 3*inFile + 1} {
				for _, off := range []int64{0, int64(inFile-1) * int64(block)} {
					if got, want := check(c, block, off, blocks), sumOf(content, block, off, blocks); got != want {
						t.Errorf("%d blocks of %d from %d on, %d in flight: %v, want %v", blocks, block, off, depth, got, want)
					}
				}
			}
			r, err := c.Run(20 * time.Millisecond)
			if err != nil || r.Reads < uint64(depth) {
				t.Errorf("%d × %d: %+v, %v", block, depth, r, err)
			}
			checkLatencies(t, r)
			if depth == 1 && r.Wakeups == 0 { // each read has to be waited for
				t.Errorf("%d × %d: it never slept: %+v", block, depth, r)
			}
			c.Close()
			if !c.cmd.ProcessState.Success() {
				t.Errorf("%d × %d: it ended with %v: %s", block, depth, c.cmd.ProcessState, &c.errs)
			}
		}
	}
	before := content[5000]
	content[5000]++
	write(content)
	c := start(4<<10, 4)
	defer c.Close()
	if got, want := check(c, 4<<10, 0, 8), sumOf(content, 4<<10, 0, 8); got != want {
		t.Errorf("after a byte was changed: %v, want %v", got, want)
	}
	content[5000] = before
	if check(c, 4<<10, 0, 8) == sumOf(content, 4<<10, 0, 8) {
		t.Error("a byte that was changed does not show")
	}
}

// checkLatencies compares percentiles with the histogram that comes with them.
func checkLatencies(t *testing.T, r Result) {
	t.Helper()
	var sum, last uint64
	at := func(rank int64) (ns uint64) {
		for _, bin := range r.Bins {
			if ns = bin[0]; rank < int64(bin[1]) {
				break
			}
			rank -= int64(bin[1])
		}
		return ns
	}
	for i, bin := range r.Bins {
		if sum += bin[1]; i > 0 && bin[0] <= last {
			t.Errorf("bins out of order: %v", r.Bins)
		}
		last = bin[0]
	}
	if sum != r.Reads {
		t.Errorf("%d latencies of %d reads", sum, r.Reads)
	}
	for percent, ns := range map[float64]uint64{50: r.P50NS, 90: r.P90NS, 99: r.P99NS, 99.9: r.P999NS, 100: r.MaxNS} {
		// Not all agree on which of two neighbours it is.
		rank := int64(float64(r.Reads-1) * percent / 100)
		low, high := 0.98*float64(at(max(0, rank-1))), 1.02*float64(at(rank+1))
		if ns == 0 || float64(ns) < low || float64(ns) > high {
			t.Errorf("p%v is %d ns, %.0f to %.0f by the histogram", percent, ns, low, high)
		}
	}
}

// nfsFile makes a file that ganesha serves.
func nfsFile(t *testing.T) (at netconn.NFS, url string, write func([]byte)) {
	t.Helper()
	s := peers.Ganesha(t)
	dir, err := os.MkdirTemp(s.Export.Dir, "test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write = func(b []byte) {
		if err := os.WriteFile(dir+"/file", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(randomBytes())
	host, _, _ := net.SplitHostPort(s.Addr())
	at = netconn.NFS{Server: host, NFSPort: s.NFSPort, MountPort: s.MountPort, Path: s.Export.Path + "/" + filepath.Base(dir) + "/file"}
	return at, fmt.Sprintf("nfs://%s%s?nfsport=%d&mountport=%d", host, at.Path, at.NFSPort, at.MountPort), write
}

func TestNFSLoopReadsFromGanesha(t *testing.T) {
	at, _, write := nfsFile(t)
	f, err := netconn.OpenNFS(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tryProgram(t, &NFSLoop, write, at.Server, strconv.Itoa(at.NFSPort), f.Handle().String(), strconv.Itoa(realBytes))
}

func TestLibnfsReadsFromGanesha(t *testing.T) {
	_, url, write := nfsFile(t)
	tryProgram(t, &Libnfs, write, url)
}

func TestGfapiReadsFromVolume(t *testing.T) {
	s := peers.Gluster(t)
	name := s.Volume.Scratch(t) + "/file"
	write := func(b []byte) { s.Volume.Put(t, name, b) }
	write(randomBytes())
	host, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	tryProgram(t, &Gfapi, write, host, port, s.Volume.Name, name)
}
