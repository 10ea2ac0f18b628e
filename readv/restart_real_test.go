//go:build linux

package readv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/peers"
)

// Tests in which real servers die or fall silent under load.

// restartsEnv names the environment variable that says how often a server is
// killed and started again under one load.
const restartsEnv = "RINGREADV_RESTARTS"

func restarts(t testing.TB) int {
	s := os.Getenv(restartsEnv)
	switch {
	case s == "" && testing.Short():
		return 2
	case s == "":
		return 5
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(restartsEnv, err)
	}
	return n
}

// mortal is a real server of a test's own.
type mortal struct {
	url    string
	dir    string // of its files, as other clients see it
	kill   func()
	start  func()
	signal func(syscall.Signal)

	contents [][]byte // of the files, which are called 0, 1 and so on
}

// mortals start the servers of both kinds.
var mortals = []struct {
	name  string
	start func(testing.TB) *mortal
}{
	{"brick", func(t testing.TB) *mortal {
		s := peers.Gluster(t)
		v := s.CreateVolume(t, peers.VolumeSpec{})
		b := v.Bricks[0]
		return &mortal{
			url:    "gluster://" + s.Addr() + "/" + v.Name,
			dir:    v.Mount(t),
			kill:   func() { b.Kill(t) },
			start:  func() { v.Start(t) }, // at another port
			signal: func(sig syscall.Signal) { b.Signal(t, sig) },
		}
	}},
	{"ganesha", func(t testing.TB) *mortal {
		s := peers.NewGanesha(t)
		return &mortal{
			// Reads of more than this export gives at once are cut into several calls.
			url: nfsURL(s, s.SmallReads.Path), dir: s.SmallReads.Dir,
			kill: func() { s.Kill(t) }, start: func() { s.Start(t) },
			signal: func(sig syscall.Signal) { s.Signal(t, sig) },
		}
	}},
}

// fill makes the server's files.
func (s *mortal) fill(t testing.TB) {
	t.Helper()
	for i := range 3 {
		s.contents = append(s.contents, randomBytes(uint64(100+i), 4<<20+123))
		put(t, filepath.Join(s.dir, fmt.Sprint(i)), s.contents[i], 0o644)
	}
}

// remove removes a file.
func (s *mortal) remove(t testing.TB, i int) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := os.Remove(filepath.Join(s.dir, fmt.Sprint(i)))
		if err == nil {
			return
		}
		// GlusterFS's own client takes some seconds to come back to a brick.
		if !errors.Is(err, syscall.ENOTCONN) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// dial opens the server's files on several connections and rings.
func (s *mortal) dial(t testing.TB, o Options) (*Volume, []*loadFile) {
	t.Helper()
	o.Conns, o.Rings, o.Timeout = restartConns, 2, patience
	v := dialTest(t, s.url, &o)
	var files []*loadFile
	for i, data := range s.contents {
		files = append(files, &loadFile{File: open(t, v, fmt.Sprint(i)), content: data})
	}
	return v, files
}

const restartConns = 3

// connsBack reports whether all connections are there, and none that was lost is
// left.
func connsBack(v *Volume) bool {
	for _, l := range v.conns.All() {
		if l.Conn().Err() != nil {
			return false
		}
	}
	return v.Stats().Connections == restartConns
}

// awaitConns waits until they are.
func awaitConns(t testing.TB, v *Volume) {
	t.Helper()
	for end := time.Now().Add(patience); !connsBack(v); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not all connections came back: %+v", v.Stats())
		}
	}
}

func TestRealOutages(t *testing.T) {
	for _, kind := range mortals {
		t.Run(kind.name, func(t *testing.T) {
			s := kind.start(t)
			s.fill(t)
			// In a row: what one leaves behind when it fails, the next suffers from.
			_ = t.Run("restarts", func(t *testing.T) { testRestarts(t, s) }) &&
				t.Run("silence", func(t *testing.T) { testSilence(t, s) }) &&
				t.Run("without a file", func(t *testing.T) { testRestartWithoutFile(t, s) })
		})
	}
}

// A server that is killed and started again, over and over, costs time and
// nothing else.
func testRestarts(t *testing.T, s *mortal) {
	before := countFDs(t)
	v, files := s.dial(t, Options{})
	l := newLoad(t, v, 6, files...)
	l.settle(20)
	n := restarts(t)
	began := time.Now()
	for range n {
		time.Sleep(rand.N(300 * time.Millisecond))
		s.kill()
		time.Sleep(rand.N(300 * time.Millisecond))
		s.start()
		l.settle(20)
	}
	t.Logf("%d restarts in %v", n, time.Since(began).Round(time.Millisecond))
	awaitConns(t, v)
	st := v.Stats()
	t.Logf("%+v", st)
	if st.Reconnects < uint64(n) || st.LostConns < st.Reconnects || st.Resends == 0 || l.outages.Load() == 0 {
		t.Errorf("%d connections lost, %d replaced, %d calls made again, %d reads out of time in an outage",
			st.LostConns, st.Reconnects, st.Resends, l.outages.Load())
	}
	// Close while the server is dead.
	s.kill()
	time.Sleep(rand.N(100 * time.Millisecond))
	l.ending.Store(true)
	l.stopped.Store(true)
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	l.wait()
	l.log()
	if st := v.Stats(); st.Accepted != st.Reported || st.Connections != 0 {
		t.Errorf("%d calls accepted, %d reported, %d connections left", st.Accepted, st.Reported, st.Connections)
	}
	if after := countFDs(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	s.start()
}

// A server that is connected and silent is found out by pings. The reads it had
// are made again, and end when it wakes up.
func testSilence(t *testing.T, s *mortal) {
	v, files := s.dial(t, Options{Silence: time.Second})
	l := newLoad(t, v, 6, files...)
	l.settle(20)
	s.signal(syscall.SIGSTOP)
	for end := time.Now().Add(patience / 2); v.Stats().LostConns < restartConns; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("a silent server was not found out: %+v", v.Stats())
			break
		}
	}
	s.signal(syscall.SIGCONT)
	l.settle(100)
	awaitConns(t, v)
	l.stop()
	l.log()
	if st := v.Stats(); st.Pings < restartConns || st.Reconnects < restartConns || st.Resends == 0 {
		t.Errorf("%+v", st)
	}
}

// A file that is removed while it is open, from a server that is then restarted,
// is gone; the others are not.
func testRestartWithoutFile(t *testing.T, s *mortal) {
	v, files := s.dial(t, Options{})
	l := newLoad(t, v, 4, files...)
	l.settle(20)
	removed := files[1]
	removed.gone.Store(true)
	s.remove(t, 1)
	s.kill()
	s.start()
	l.settle(100)
	awaitConns(t, v)
	for _, f := range files {
		n, err := f.ReadAt(make([]byte, 100), 100)
		if f == removed && !isGone(err) || f != removed && (n != 100 || err != nil) {
			t.Errorf("%s: %d bytes, %v", f.Name(), n, err)
		}
	}
	l.stop()
	l.log()
	if l.gone.Load() == 0 {
		t.Error("no read found the file gone")
	}
}

// countFDs counts the process's open descriptors.
func countFDs(t testing.TB) int {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}
