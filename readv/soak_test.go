//go:build linux

package readv

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport"
)

// soakEnv names the environment variable that says how long TestSoak takes.
const soakEnv = "RINGREADV_SOAK"

func soakTime(t testing.TB) time.Duration {
	s := os.Getenv(soakEnv)
	switch {
	case s != "":
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(soakEnv, err)
		}
		return d
	case testing.Short():
		return 3 * time.Second
	}
	return 10 * time.Second
}

// TestSoak does everything at once for a while, by both protocols: reads by all
// doors, in time and out of it, cancelled or not, on volumes that stay and lose
// connections and on volumes that come and go; files opened and closed,
// directories listed, memory registered. What the process holds does not grow.
func TestSoak(t *testing.T) {
	length := soakTime(t)
	s := newSoak(t)
	var stays []*stay
	for _, p := range []server.Protocol{server.Gluster, server.NFS3} {
		stays = append(stays, s.stay(p))
		l := s.listen(p)
		s.do(func(rnd *rand.Rand) { s.comeAndGo(l, rnd) })
	}
	var samples []sample
	for end := time.Now().Add(length); (time.Now().Before(end) || len(samples) < leastSamples) && !t.Failed(); {
		time.Sleep(length / soakSamples)
		samples = append(samples, s.sample(stays))
	}
	s.over.Store(true)
	s.workers.Wait()
	for _, y := range stays {
		y.load.stop()
		y.load.log()
		t.Logf("%+v", y.volume.Stats())
		if y.volume.Stats().Reconnects == 0 && !t.Failed() {
			t.Error("no connection was lost")
		}
	}
	t.Logf("volumes dialled: %d, other calls: %d, connections cut: %d", s.dialled.Load(), s.calls.Load(), s.cuts.Load())
	if !t.Failed() {
		checkFlat(t, samples)
	}
}

// soakSamples is how many times is looked, if there is nothing to wait for.
const (
	soakSamples  = 50
	leastSamples = 5
)

// soak is an embedded server and what is done to it.
type soak struct {
	t      testing.TB
	names  []string
	files  []*loadFile // not opened
	server *server.Server
	served sync.WaitGroup

	workers sync.WaitGroup
	over    atomic.Bool
	// gate is held for reading by whoever holds anything that goes again: a
	// sample is taken while nobody does.
	gate sync.RWMutex

	dialled, calls, cuts atomic.Int64

	least sample // of each measure, so far
}

func newSoak(t testing.TB) *soak {
	const count, size = 40, 1<<20 + 123
	s := &soak{t: t}
	for i := range s.least {
		s.least[i] = math.Inf(1)
	}
	var list []server.SyntheticFile
	for i := range count {
		f := server.SyntheticFile{Name: fmt.Sprintf("file-%d", i), Size: size, Seed: uint64(i)}
		list = append(list, f)
		if i < 3 {
			data := make([]byte, size)
			server.Pattern(f.Seed, 0, data)
			s.names = append(s.names, f.Name)
			s.files = append(s.files, &loadFile{content: data})
		}
	}
	tree, err := server.Synthetic(list)
	if err != nil {
		t.Fatal(err)
	}
	s.server = server.New(server.Options{Tree: tree})
	t.Cleanup(func() {
		err := s.server.Close()
		s.served.Wait()
		if err := errors.Join(err, tree.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// listen gives the server one more address.
func (s *soak) listen(p server.Protocol) *cutListener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	c := &cutListener{Listener: l, url: s.server.URL(p, l.Addr(), ""), conns: make(map[*net.TCPConn]bool)}
	s.served.Go(func() {
		if err := s.server.Serve(c); err != nil {
			s.t.Error(err)
		}
	})
	return c
}

// do runs f over and over, until the test is over. What f holds is gone when it
// returns.
func (s *soak) do(f func(*rand.Rand)) {
	rnd := rand.New(rand.NewPCG(rand.Uint64(), 0))
	s.workers.Go(func() {
		for !s.over.Load() && !s.t.Failed() {
			s.gate.RLock()
			f(rnd)
			s.gate.RUnlock()
			time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond)
		}
	})
}

// open opens the files that have a known content.
func (s *soak) open(v *Volume) (files []*loadFile, err error) {
	for i, f := range s.files {
		file, err := v.Open(ctx, s.names[i])
		if err != nil {
			return files, err
		}
		files = append(files, &loadFile{File: file, content: f.content})
	}
	return files, nil
}

// stay is a volume that is there all the time.
type stay struct {
	volume *Volume
	load   *load
}

// stay dials a volume and keeps it busy, and loses its connections now and then.
func (s *soak) stay(p server.Protocol) *stay {
	l := s.listen(p)
	v := dialTest(s.t, l.url, &Options{Conns: restartConns, Rings: 2, Timeout: patience})
	files, err := s.open(v)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(func(rnd *rand.Rand) {
		if err := s.call(v, rnd); err != nil {
			s.t.Errorf("%s: %v", p, err)
		}
		s.calls.Add(1)
	})
	var next time.Time
	s.do(func(rnd *rand.Rand) {
		// Not so often that new ones have to wait long for their turn.
		if time.Now().After(next) && connsBack(v) && l.cut(rnd) {
			s.cuts.Add(1)
			next = time.Now().Add(rand.N(800 * time.Millisecond))
		}
	})
	return &stay{v, newLoad(s.t, v, 2, files...)}
}

// call does one of the things that are done besides reading one file.
func (s *soak) call(v *Volume, rnd *rand.Rand) error {
	i := rnd.IntN(len(s.files))
	name, content := s.names[i], s.files[i].content
	switch rnd.IntN(6) {
	case 0:
		info, err := v.Stat(ctx, name)
		if err == nil && info.Size() != int64(len(content)) {
			err = fmt.Errorf("%s has %d bytes", name, info.Size())
		}
		return err
	case 1:
		list, err := v.ReadDir(ctx, ".")
		if err == nil && len(list) != 40 {
			err = fmt.Errorf("%d entries", len(list))
		}
		return err
	case 2:
		if _, err := v.Open(ctx, "nothing"); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("opening nothing: %w", err)
		}
		return nil
	}
	f, err := v.Open(ctx, name)
	if err != nil {
		return err
	}
	return errors.Join(s.useFile(f, content, rnd), f.Close())
}

// useFile reads the file in one way or the other.
func (s *soak) useFile(f *File, content []byte, rnd *rand.Rand) error {
	switch rnd.IntN(3) {
	case 0:
		var b bytes.Buffer
		if _, err := f.NewReader(ctx).WriteTo(&b); err != nil {
			return err
		}
		if !bytes.Equal(b.Bytes(), content) {
			return errors.New("WriteTo wrote wrong bytes")
		}
		return nil
	case 1:
		info, err := f.Stat(ctx)
		if err == nil && info.Size() != int64(len(content)) {
			err = fmt.Errorf("%d bytes", info.Size())
		}
		return err
	}
	mem := make([]byte, 128<<10)
	region, err := f.Volume().Register(mem)
	if err != nil {
		return err
	}
	off := rnd.IntN(len(content) - len(mem))
	if _, err = f.ReadAt(mem, int64(off)); err == nil && !bytes.Equal(mem, content[off:][:len(mem)]) {
		err = errors.New("wrong bytes in registered memory")
	}
	return errors.Join(err, region.Close())
}

// comeAndGo dials a volume, reads from it, and closes it, with reads in flight
// or without, with its connections or without.
func (s *soak) comeAndGo(l *cutListener, rnd *rand.Rand) {
	rings := 1 + rnd.IntN(2)
	v, err := Dial(ctx, l.url, &Options{
		Rings: rings, Conns: rings + rnd.IntN(2), Timeout: patience,
		Plan: transport.Plan(rnd.IntN(5)), FixedBuffers: rnd.IntN(2) == 0, Bounce: rnd.IntN(4) == 0,
	})
	if err != nil {
		s.t.Error(err)
		return
	}
	s.dialled.Add(1)
	files, err := s.open(v)
	if err != nil {
		s.t.Error(err)
	}
	load := startLoad(s.t, v, 2, rnd.Uint64(), files...)
	time.Sleep(time.Duration(rnd.IntN(30)) * time.Millisecond)
	if rnd.IntN(2) == 0 && l.cut(rnd) {
		s.cuts.Add(1)
	}
	if rnd.IntN(2) == 0 {
		load.stop()
		for _, f := range files[:rnd.IntN(len(files)+1)] {
			if err := f.Close(); err != nil {
				s.t.Error(err)
			}
		}
	}
	load.ending.Store(true)
	load.stopped.Store(true)
	if err := v.Close(); err != nil {
		s.t.Error(err)
	}
	load.wait()
	if st := v.Stats(); st.Accepted != st.Reported || st.Connections != 0 {
		s.t.Errorf("%d calls accepted, %d reported, %d connections left", st.Accepted, st.Reported, st.Connections)
	}
}
