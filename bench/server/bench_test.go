package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

const benchFileBytes = 256 << 20

var protocols = []server.Protocol{server.Gluster, server.NFS3}

// reader keeps depth READs of one size under way.
type reader struct {
	*client
	big   *bufio.Reader
	call  []byte
	reply int64 // bytes of a record with its mark
}

func newReader(t testing.TB, p server.Protocol, addr string, size uint32) *reader {
	if p == server.NFS3 {
		return newNFSReader(t, addr, size)
	}
	c := mount(t, addr, "/bench", gfs.V400)
	c.net.SetDeadline(time.Time{})
	id := c.find("file").GFID
	args := gfs.AppendReadArgs(gfs.V400, nil, id, c.mustOpen(id), 8192, size, 0)
	return &reader{
		client: c, big: bufio.NewReaderSize(c.net, 1<<20),
		call:  c.frame(gfs.FOP(gfs.V400, gfs.OpRead), args),
		reply: xdrwire.MarkBytes + xdrwire.MinReplyBytes + gfs.ReadHeadBytesV400 + int64(size),
	}
}

func newNFSReader(t testing.TB, addr string, size uint32) *reader {
	c := dialNFS(t, addr)
	c.net.SetDeadline(time.Time{})
	args := nfs3.AppendReadArgs(nil, c.find(c.mustMnt("/bench"), "file"), 8192, size)
	return &reader{
		client: c.client, big: bufio.NewReaderSize(c.net, 1<<20),
		call:  c.frame(nfs3.ProcRead, args),
		reply: xdrwire.MarkBytes + xdrwire.MinReplyBytes + nfs3.ReadHeadBytes + int64(size),
	}
}

// run makes n reads, each batch of depth with one write.
func (r *reader) run(n, depth int) error {
	batch := make([]byte, 0, depth*len(r.call))
	for range depth {
		batch = append(batch, r.call...)
	}
	for n > 0 {
		k := min(n, depth)
		if _, err := r.net.Write(batch[:k*len(r.call)]); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r.big, int64(k)*r.reply); err != nil {
			return err
		}
		n -= k
	}
	return nil
}

// A READ costs the server no allocation once it runs; a few hundredths are the
// runtime's own.
func TestReadDoesNotAllocate(t *testing.T) {
	for kind, tree := range trees(t) {
		addr := start(t, tree)
		for _, p := range protocols {
			for _, size := range []uint32{4096, 128 << 10} {
				if per := allocationsPerRead(t, newReader(t, p, addr, size)); per > 0.5 {
					t.Errorf("%s, %s, READs of %d: %.2f allocations each, client included", kind, p, size, per)
				}
			}
		}
	}
}

func allocationsPerRead(t *testing.T, r *reader) float64 {
	t.Helper()
	const n = 2000
	if err := r.run(n, 16); err != nil { // buffers grow
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := r.run(n, 16)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	return float64(after.Mallocs-before.Mallocs) / n
}

// BenchmarkRead tells what the server's side of a read costs: the server is a
// process of its own, whose CPU time is its alone.
func BenchmarkRead(b *testing.B) {
	addr, cpu := startProcess(b)
	for _, p := range protocols {
		for _, size := range []uint32{4 << 10, 128 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", p, size>>10), func(b *testing.B) {
				r := newReader(b, p, addr, size)
				before := cpu()
				b.SetBytes(int64(size))
				b.ResetTimer()
				if err := r.run(b.N, 16); err != nil {
					b.Fatal(err)
				}
				used := cpu() - before
				b.ReportMetric(used.Seconds()/(float64(b.N)*float64(size)/(1<<30)), "server-cpu-s/GiB")
				b.ReportMetric(float64(used.Microseconds())/float64(b.N), "server-cpu-us/op")
			})
		}
	}
}

const processEnv = "RINGREADV_BENCH_SERVER"

// startProcess runs this test binary again as a server, until b ends.
func startProcess(b *testing.B) (addr string, cpu func() time.Duration) {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	stop, hold, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	p, err := os.StartProcess(exe, []string{exe}, &os.ProcAttr{
		Env: append(os.Environ(), processEnv+"=1"), Files: []*os.File{stop, in, os.Stderr},
	})
	stop.Close()
	in.Close()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { hold.Close(); out.Close(); p.Wait() })
	addr, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(addr), func() time.Duration { return processCPU(b, p.Pid) }
}

// processCPU is exact to a clock tick of 10 ms.
func processCPU(b *testing.B, pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
	var user, system int64
	fmt.Sscan(fields[12]+" "+fields[13], &user, &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// serveProcess serves until standard input ends.
func serveProcess() error {
	tree, err := server.Synthetic([]server.SyntheticFile{{Name: "file", Size: benchFileBytes}})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := server.New(server.Options{Tree: tree})
	go s.Serve(l)
	fmt.Println(l.Addr())
	io.Copy(io.Discard, os.Stdin)
	return s.Close()
}
