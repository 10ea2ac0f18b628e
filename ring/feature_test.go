package ring

import "testing"

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
