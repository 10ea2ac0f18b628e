package readv

import (
	"testing"

	"github.com/ringreadv/ringreadv/transport"
)

// What a volume's options switch off is off on all of its rings, and reads are right.
func TestWithoutAccelerators(t *testing.T) {
	there := fakeFile(t, &brick{}, nil).Volume().Accelerators()
	for _, without := range []transport.Accelerators{0, transport.WaitAll, transport.BoundedWait | transport.PollFirst} {
		o := Options{Rings: 2, Without: without}
		f := fakeFile(t, &brick{}, &o)
		v := f.Volume()
		for i, e := range v.engines {
			if got := e.Accelerators(); got != there&^without {
				t.Errorf("without %v: ring %d goes by %v", without, i, got)
			}
		}
		if got := v.Accelerators(); got != there&^without {
			t.Errorf("without %v: the volume goes by %v", without, got)
		}
		verifyOnAllRings(t, v, f, content(0, fakeSize), 60, 8)
	}
}

// A volume goes by what all of its rings go by.
func TestAcceleratorsOfAllRings(t *testing.T) {
	var list engines
	there := transport.LowWater | transport.TCPInfo
	for _, without := range []transport.Accelerators{0, transport.LowWater, 0} {
		e, err := transport.NewEngine(transport.Options{Without: ^there | without})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if got := list.accelerators(); got != transport.TCPInfo {
		t.Error(got)
	}
	if err := list.close(); err != nil {
		t.Error(err)
	}
}
