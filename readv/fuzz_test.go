package readv

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/readv/nfs"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// answers are what a fuzzed server does with its replies, one after the other; it
// is honest once they have run out.
type answers struct {
	mu    sync.Mutex
	input []byte
}

// What an answer starts with, modulo 4.
const (
	answerHonest  = iota
	answerPatched // two bytes of place and a word to put there, once or more
	answerOther   // two bytes of length and as many of another result
	answerCut     // two bytes of length for the honest reply
)

func (a *answers) set(input []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.input = input
}

// take gives the next n bytes, with zeros for those that are not there.
func (a *answers) take(n int) []byte {
	b := make([]byte, n)
	a.input = a.input[copy(b, a.input):]
	return b
}

func (a *answers) number() int { return int(binary.BigEndian.Uint16(a.take(2))) }

func (a *answers) bend(c transporttest.Call, record []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	const head = xdrwire.MarkBytes + 4 // and the XID: without it there is no reply
	kind := int(a.take(1)[0])
	switch kind % 4 {
	case answerPatched:
		for range 1 + kind/4%4 {
			at := head + 4*(a.number()%max(1, (len(record)-head)/4))
			if copy(record[min(at, len(record)):], a.take(4)); len(a.input) == 0 {
				break
			}
		}
	case answerOther:
		return transporttest.Accepted(c.XID, a.take(min(a.number(), len(a.input))))
	case answerCut:
		n := a.number() % (2 * len(record))
		grown := append(record[:len(record):len(record)], make([]byte, len(record))...)
		return transporttest.Record(grown[xdrwire.MarkBytes:max(n, head)])
	}
	return record
}

// fuzzSeeds are honest servers, ones that are wrong once, and what real servers said
// once, in every place.
func fuzzSeeds(f *testing.F, captures string, calls int) {
	f.Add([]byte(nil))
	files, err := filepath.Glob(captures)
	if err != nil || len(files) == 0 {
		f.Fatal("no captures:", err)
	}
	var others [][]byte
	for _, name := range files {
		b := wiretest.ReadHex(f, name)
		if b = b[min(len(b), xdrwire.MarkBytes+xdrwire.MinReplyBytes):]; len(b) < 1<<16 {
			others = append(others, append(binary.BigEndian.AppendUint16([]byte{answerOther}, uint16(len(b))), b...))
		}
	}
	for call := range calls {
		honest := make([]byte, call)
		for i, other := range others {
			if (i+call)%6 == 0 {
				f.Add(append(honest[:call:call], other...))
			}
		}
		for word := range 4 {
			f.Add(append(honest[:call:call], answerPatched, 0, byte(5+2*word), 0xFF, 0xFF, 0xFF, 0xFF))
		}
		f.Add(append(honest[:call:call], answerCut, 0, 60))
	}
}

// fuzzVolume runs a client through all it can do with a server that is the fuzzer's.
func fuzzVolume(f *testing.F, a *answers, address string, dial func(*Volume) (backend.Volume, error)) {
	list, err := newEngines((&Options{Rings: 1}).withDefaults())
	var forbidden *ring.ForbiddenError
	if errors.As(err, &forbidden) {
		f.Skip(err)
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := list.close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, input []byte) {
		a.set(input)
		// A volume like Dial's, but that its ring lasts.
		v := &Volume{engines: list, opt: (&Options{FailFast: true, Timeout: 5 * time.Millisecond, Dial: redirect(address)}).withDefaults()}
		v.calls.New = func() any { return v.newBlockingCall() }
		v.conns = backend.NewConns(list, v.opt.connsOptions())
		var errs []error
		if v.backend, err = dial(v); err != nil {
			errs = append(errs, err)
		} else {
			errs = use(t, v)
		}
		v.releases.Wait()
		v.conns.Stop()
		for _, l := range v.conns.All() {
			if c := l.Conn(); c != nil {
				c.Close()
			}
		}
		for _, err := range errs {
			if !typed(err) {
				t.Errorf("%T %v", err, err)
			}
		}
		// A lost connection may be in the middle of being replaced.
		for end := time.Now().Add(5 * time.Second); v.Stats().InFlight != 0; time.Sleep(100 * time.Microsecond) {
			if s := v.Stats(); time.Now().After(end) {
				t.Fatalf("%d calls accepted, %d reported", s.Accepted, s.Reported)
			}
		}
	})
}

// FuzzBrick has the answers of glusterd and of a brick from the fuzzer.
func FuzzBrick(f *testing.F) {
	a := new(answers)
	s := &brick{size: fakeSize, version: gfs.V400, portmap: true, bend: a.bend}
	url := s.serve(f)
	l, err := gluster.ParseURL(url)
	if err != nil {
		f.Fatal(err)
	}
	fuzzSeeds(f, "../xdrwire/gfs/testdata/*-reply*.hex", 17)
	fuzzVolume(f, a, l.Server, func(v *Volume) (backend.Volume, error) {
		return gluster.Dial(ctx, v.conns, l, gluster.Options{Timeout: v.opt.Timeout, Dial: v.opt.Dial})
	})
}

// FuzzNAS has the answers of rpcbind, MOUNT and NFS from the fuzzer.
func FuzzNAS(f *testing.F) {
	a := new(answers)
	s := &nas{bend: a.bend}
	address, url := s.serveAll(f)
	l, err := nfs.ParseURL(url)
	if err != nil {
		f.Fatal(err)
	}
	fuzzSeeds(f, "../xdrwire/*/testdata/*-reply*.hex", 16)
	fuzzVolume(f, a, address, func(v *Volume) (backend.Volume, error) {
		return nfs.Dial(ctx, v.conns, l, nfs.Options{Timeout: v.opt.Timeout, Conn: v.opt.connOptions()})
	})
}
