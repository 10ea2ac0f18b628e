//go:build linux

package readv

import (
	"errors"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/seccomp"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"golang.org/x/sys/unix"
)

// A volume whose ring cannot be entered any more does not wait for connections that
// cannot come: reads in flight and those that come, and questions about files, end
// soon and say why.
func TestRingIsRefused(t *testing.T) {
	if !seccomp.InChild(t) {
		return
	}
	asked, goOn := make(chan bool, 1), make(chan bool)
	b := &brick{size: fakeSize, read: func(*transporttest.Peer, readCall) {
		asked <- true
		<-goOn
	}}
	defer close(goOn)
	v := dialTest(t, b.serve(t), &Options{Engine: transport.EngineURing, Timeout: patience})
	f := open(t, v, "file")
	inFlight := make(chan error, 1)
	go func() {
		_, err := f.ReadAt(make([]byte, 1000), 0)
		inFlight <- err
	}()
	<-asked
	seccomp.Refuse(t, unix.EPERM, seccomp.Enter)

	begin := time.Now()
	_, read := f.ReadAt(make([]byte, 1000), 0)
	_, stat := f.Stat(ctx)
	for what, err := range map[string]error{"a read in flight": <-inFlight, "a read": read, "stat": stat} {
		if !errors.Is(err, transport.ErrBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if took := time.Since(begin); took > patience/2 {
		t.Errorf("it took %v", took)
	}
}
