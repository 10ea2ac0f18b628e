package ring

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// What every kernel from 5.10 (with Debian's backports) must answer yes to.
func TestProbe(t *testing.T) {
	f := Probe()
	for _, x := range f.All() {
		t.Log(x)
	}
	if f.Ring.Answer == Forbidden {
		t.Skip(f.Ring)
	}
	for _, x := range []Feature{f.Ring, f.BoundedWait, f.BufferTable, f.ReadFixed, f.WaitAll} {
		if x.Answer != Yes {
			t.Error(x)
		}
	}
}

// The probe of PollFirst can say no: where a receive takes bytes below the mark,
// as from a UNIX socket, which knows none.
func TestProbePollFirst(t *testing.T) {
	var forbidden *ForbiddenError
	var errno unix.Errno
	switch err := onSockets(tcpPair, probePollFirst); {
	case errors.As(err, &forbidden):
		t.Skip(err)
	case errors.As(err, &errno):
		t.Skip("no PollFirst before 5.19:", err)
	case err != nil:
		t.Error(err)
	}
	if err := onRig(probePollFirst); err == nil {
		t.Error("found on a UNIX socket")
	}
}
