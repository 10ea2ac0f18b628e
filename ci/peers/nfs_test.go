package peers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Procedures and status values of RFC 1813 and RFC 1833.
var (
	getportProc = Procedure{rpcbindProgram, rpcbindVersion, 3}
	mntProc     = Procedure{mountProgram, mountVersion, 1}
	nfsNullProc = Procedure{nfsProgram, nfsVersion, 0}
	lookupProc  = Procedure{nfsProgram, nfsVersion, 3}
	readProc    = Procedure{nfsProgram, nfsVersion, 6}
	fsinfoProc  = Procedure{nfsProgram, nfsVersion, 19}
)

const (
	statusOK    = 0
	statusAcces = 13
	statusStale = 70
)

// rpcConn makes calls as root, with AUTH_SYS.
type rpcConn struct {
	t    *testing.T
	conn net.Conn
	xid  uint32
}

func dialRPC(t *testing.T, addr string) *rpcConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(startTimeout))
	return &rpcConn{t: t, conn: conn}
}

// call returns the results of a call that was accepted.
func (c *rpcConn) call(p Procedure, args []byte) *bytes.Reader {
	c.t.Helper()
	c.xid++
	words := []uint32{c.xid, 0, 2, p.Program, p.Version, p.Number,
		1, 20, 0, 0, 0, 0, 0, // AUTH_SYS: stamp, no machine name, root, no more groups
		0, 0}
	msg := binary.BigEndian.AppendUint32(nil, 1<<31|uint32(4*len(words)+len(args)))
	for _, w := range words {
		msg = binary.BigEndian.AppendUint32(msg, w)
	}
	if _, err := c.conn.Write(append(msg, args...)); err != nil {
		c.t.Fatal(err)
	}
	var mark [4]byte
	if _, err := io.ReadFull(c.conn, mark[:]); err != nil {
		c.t.Fatal(err)
	}
	reply := make([]byte, binary.BigEndian.Uint32(mark[:])&^(1<<31))
	if _, err := io.ReadFull(c.conn, reply); err != nil {
		c.t.Fatal(err)
	}
	r := bytes.NewReader(reply)
	want := []uint32{c.xid, 1, 0, 0, 0, 0}
	if diff := cmp.Diff(want, c.words(r, len(want))); diff != "" {
		c.t.Fatal(diff)
	}
	return r
}

func (c *rpcConn) words(r *bytes.Reader, n int) []uint32 {
	c.t.Helper()
	words := make([]uint32, n)
	if err := binary.Read(r, binary.BigEndian, words); err != nil {
		c.t.Fatal(err)
	}
	return words
}

// opaque takes variable-length bytes from a reply.
func (c *rpcConn) opaque(r *bytes.Reader) []byte {
	c.t.Helper()
	b := make([]byte, (c.words(r, 1)[0]+3)&^3)
	if _, err := io.ReadFull(r, b); err != nil {
		c.t.Fatal(err)
	}
	return b
}

// appendOpaque appends variable-length bytes to arguments.
func appendOpaque[B []byte | string](to []byte, b B) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(b)))
	to = append(to, b...)
	return append(to, make([]byte, -len(b)&3)...)
}

// mnt returns the status of MNT and the export's file handle.
func mnt(t *testing.T, s *NFSServer, path string) (status uint32, handle []byte) {
	t.Helper()
	c := dialRPC(t, s.MountAddr())
	r := c.call(mntProc, appendOpaque(nil, path))
	if status = c.words(r, 1)[0]; status != statusOK {
		return status, nil
	}
	return status, c.opaque(r)
}

// lookup returns the status of LOOKUP, the file's handle and its size.
func (c *rpcConn) lookup(dir []byte, name string) (status uint32, handle []byte, size uint32) {
	c.t.Helper()
	r := c.call(lookupProc, appendOpaque(appendOpaque(nil, dir), name))
	if status = c.words(r, 1)[0]; status != statusOK {
		return status, nil, 0
	}
	handle = c.opaque(r)
	return status, handle, c.words(r, 8)[7] // attributes follow, fattr3 up to the low half of size
}

// readFile looks the name up in the directory and reads the file.
func (c *rpcConn) readFile(dir []byte, name string) (status uint32, data []byte) {
	c.t.Helper()
	status, handle, _ := c.lookup(dir, name)
	if status != statusOK {
		c.t.Fatalf("LOOKUP %s: status %d", name, status)
	}
	return c.read(handle)
}

// read returns the status and the data of one READ of at most 1 MiB.
func (c *rpcConn) read(handle []byte) (status uint32, data []byte) {
	c.t.Helper()
	args := append(appendOpaque(nil, handle), make([]byte, 8)...)
	r := c.call(readProc, binary.BigEndian.AppendUint32(args, 1<<20))
	status = c.words(r, 1)[0]
	if c.words(r, 1)[0] == 1 {
		c.words(r, 21) // fattr3
	}
	if status != statusOK {
		return status, nil
	}
	n := c.words(r, 2)[0] // count, eof
	return status, c.opaque(r)[:n]
}

func writeFile(t *testing.T, e NFSExport, data []byte, mode os.FileMode) (name string) {
	t.Helper()
	f, err := os.CreateTemp(e.Dir, "test-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Cleanup(func() { os.Remove(f.Name()) })
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Chmod(mode); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(f.Name())
}

func TestGaneshaRegistersItsPorts(t *testing.T) {
	s := Ganesha(t)
	c := dialRPC(t, s.RpcbindAddr())
	for _, tt := range []struct {
		program, version uint32
		want             int
	}{
		{nfsProgram, nfsVersion, s.NFSPort},
		{mountProgram, mountVersion, s.MountPort},
		{0x20001234, 1, 0},
	} {
		args, err := binary.Append(nil, binary.BigEndian, []uint32{tt.program, tt.version, 6, 0})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.words(c.call(getportProc, args), 1)[0]; got != uint32(tt.want) {
			t.Errorf("program %d is at port %d, want %d", tt.program, got, tt.want)
		}
	}
}

func TestGaneshaExports(t *testing.T) {
	s := Ganesha(t)
	content := bytes.Repeat([]byte("ringreadv"), 10_000)
	for _, tt := range []struct {
		name         string
		export       NFSExport
		mode         os.FileMode
		mount, read  uint32
		bytes, rtmax int
	}{
		{"plain", s.Export, 0o644, statusOK, statusOK, len(content), 64 << 20},
		{"plain, for root only", s.Export, 0o600, statusOK, statusOK, len(content), 64 << 20},
		{"small reads", s.SmallReads, 0o644, statusOK, statusOK, SmallReadBytes, SmallReadBytes},
		{"squashed", s.Squashed, 0o644, statusOK, statusOK, len(content), 64 << 20},
		{"squashed, for root only", s.Squashed, 0o600, statusOK, statusAcces, 0, 64 << 20},
		{"denied", s.Denied, 0o644, statusAcces, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name := writeFile(t, tt.export, content, tt.mode)
			status, dir := mnt(t, s, tt.export.Path)
			if status != tt.mount {
				t.Fatalf("MNT: status %d, want %d", status, tt.mount)
			}
			if status != statusOK {
				return
			}
			c := dialRPC(t, s.Addr())
			status, data := c.readFile(dir, name)
			if status != tt.read || !bytes.Equal(data, content[:tt.bytes]) {
				t.Errorf("READ: status %d, %d bytes, want %d, %d", status, len(data), tt.read, tt.bytes)
			}
			r := c.call(fsinfoProc, appendOpaque(nil, dir))
			c.words(r, 1+1+21) // status, fattr3
			if got := int(c.words(r, 1)[0]); got != tt.rtmax {
				t.Errorf("rtmax %d, want %d", got, tt.rtmax)
			}
		})
	}
}

func TestGaneshaOpenFindsRunningServer(t *testing.T) {
	s := Ganesha(t)
	other, err := openGanesha(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range [][2]string{
		{s.Addr(), other.Addr()}, {s.MountAddr(), other.MountAddr()}, {s.RpcbindAddr(), other.RpcbindAddr()},
		{s.Squashed.Path, other.Squashed.Path},
	} {
		if addr[0] != addr[1] {
			t.Errorf("%s became %s", addr[0], addr[1])
		}
	}
	if !other.Shared {
		t.Error("not known to be shared")
	}
}

func TestCaptureCountsNFS(t *testing.T) {
	s := Ganesha(t)
	name := writeFile(t, s.Export, make([]byte, 300_000), 0o644)
	c := Capture(t, s.Addr(), s.MountAddr(), s.RpcbindAddr())
	c.exchange(t, s.RpcbindAddr(), callRecord(1, getportProc, mountProgram, mountVersion, 6, 0))
	_, dir := mnt(t, s, s.Export.Path)
	c.exchange(t, s.Addr(), callRecord(1, nfsNullProc), callRecord(2, nfsNullProc))
	if status, data := dialRPC(t, s.Addr()).readFile(dir, name); status != statusOK || len(data) != 300_000 {
		t.Fatalf("READ: status %d, %d bytes", status, len(data))
	}
	want := map[Procedure]int{getportProc: 1, mntProc: 1, nfsNullProc: 2, lookupProc: 1, readProc: 1}
	if diff := cmp.Diff(Decoded{Calls: want, Replies: want}, c.Decode(t)); diff != "" {
		t.Error(diff)
	}
}

func TestCaptureComplainsOfNFS(t *testing.T) {
	s := Ganesha(t)
	c := CaptureOwn(t, s.Addr())
	c.exchange(t, s.Addr(), callRecord(1, readProc, 64, 1, 2)) // a handle of 64 bytes that has 8
	d := c.Decode(t)
	if !strings.Contains(strings.Join(d.Complaints, "\n"), "Malformed Packet") {
		t.Errorf("no complaint in %+v", d)
	}
}

func TestGaneshaKillAndStart(t *testing.T) {
	s := NewGanesha(t)
	name := writeFile(t, s.Export, []byte("hello"), 0o644)
	gone := writeFile(t, s.Export, []byte("x"), 0o644)
	_, dir := mnt(t, s, s.Export.Path)
	before := dialRPC(t, s.Addr())
	_, handle, _ := before.lookup(dir, name)
	_, stale, _ := before.lookup(dir, gone)

	s.Kill(t)
	if _, err := before.conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection to the killed server is still open: %v", err)
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		c.Close()
		t.Errorf("the killed server still accepts connections")
	}
	if err := null(s.RpcbindAddr(), rpcbindProgram, rpcbindVersion); err != nil {
		t.Errorf("rpcbind is gone too: %v", err)
	}

	if err := os.Remove(filepath.Join(s.Export.Dir, gone)); err != nil {
		t.Fatal(err)
	}

	s.Start(t)
	c := dialRPC(t, s.Addr())
	if status, data := c.read(handle); status != statusOK || string(data) != "hello" {
		t.Errorf("with the handle from before: status %d, %q", status, data)
	}
	if status, _ := c.read(stale); status != statusStale {
		t.Errorf("with the handle of a removed file: status %d, want %d", status, statusStale)
	}
}

func TestGaneshaSignal(t *testing.T) {
	s := NewGanesha(t)
	s.Signal(t, syscall.SIGSTOP)
	if err := null(s.Addr(), nfsProgram, nfsVersion); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("stopped: %v, want a connection and no answer", err)
	}
	s.Signal(t, syscall.SIGCONT)
	if err := s.waitServing(); err != nil {
		t.Error(err)
	}
}

func TestGaneshaListensOnItsLoopbackAddressOnly(t *testing.T) {
	s := Ganesha(t)
	sockets, err := s.inside("ss", "-Hlntup")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(sockets) {
		if !strings.Contains(line, "ganesha") && !strings.Contains(line, "rpcbind") {
			continue
		}
		found++
		if !strings.Contains(line, s.Host+":") && !strings.Contains(line, s.Host+"]:") {
			t.Errorf("listens elsewhere: %s", line)
		}
	}
	if found != 4 {
		t.Errorf("%d sockets, want 4: TCP for NFS, MOUNT and rpcbind, UDP for rpcbind\n%s", found, sockets)
	}
}

func TestGaneshaStopLeavesNothing(t *testing.T) {
	Ganesha(t) // skips where none can run
	s, err := StartGanesha()
	if err != nil {
		t.Fatal(err)
	}
	if s.Host == Ganesha(t).Host {
		t.Errorf("two servers share the address %s", s.Host)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("its directory is still there: %v", err)
	}
	if err := syscall.Kill(s.InitPID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("its process 1 is still there: %v", err)
	}
	for _, a := range []string{s.Addr(), s.MountAddr(), s.RpcbindAddr()} {
		if c, err := net.Dial("tcp", a); err == nil {
			c.Close()
			t.Errorf("%s still accepts connections", a)
		}
	}
}

func TestGaneshaGlusterExportsTheVolume(t *testing.T) {
	s := GaneshaGluster(t)
	v := Gluster(t).Volume
	want := bytes.Repeat([]byte("ringreadv"), 30_000)
	status, root := mnt(t, s, s.Export.Path)
	if status != statusOK {
		t.Fatalf("MNT: status %d", status)
	}
	c := dialRPC(t, s.Addr())
	name := strings.TrimPrefix(v.Put(t, "/put-for-ganesha", want), "/")
	t.Cleanup(func() { os.Remove(filepath.Join(s.Export.Dir, name)) })
	if status, data := c.readFile(root, name); status != statusOK || !bytes.Equal(data, want) {
		t.Errorf("of a file put into the volume: status %d, %d bytes", status, len(data))
	}
	name = writeFile(t, s.Export, want, 0o644)
	if status, data := c.readFile(root, name); status != statusOK || !bytes.Equal(data, want) {
		t.Errorf("of a file written to the export's directory: status %d, %d bytes", status, len(data))
	}
}

// What a test changes on the server is seen at once.
func TestGaneshaShowsChanges(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(testing.TB) *NFSServer
	}{
		{"local", Ganesha},
		{"gluster", GaneshaGluster},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.serve(t)
			_, dir := mnt(t, s, s.Export.Path)
			c := dialRPC(t, s.Addr())
			name := writeFile(t, s.Export, []byte("small"), 0o644)
			file := filepath.Join(s.Export.Dir, name)
			_, _, size := c.lookup(dir, name)
			if status, _ := c.readFile(dir, name); status != statusOK || size != 5 {
				t.Fatalf("READ: status %d, size %d", status, size)
			}

			if err := os.WriteFile(file, make([]byte, 100_000), 0o644); err != nil {
				t.Fatal(err)
			}
			_, handle, size := c.lookup(dir, name)
			if size != 100_000 {
				t.Errorf("size %d after the file grew to 100000", size)
			}
			if err := os.Truncate(file, 10); err != nil {
				t.Fatal(err)
			}
			if status, data := c.read(handle); status != statusOK || len(data) != 10 {
				t.Errorf("READ after the file shrank to 10: status %d, %d bytes", status, len(data))
			}
		})
	}
}
