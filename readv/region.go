package readv

import (
	"errors"

	"github.com/ringreadv/ringreadv/transport"
)

// Region is memory registered with a volume.
type Region struct {
	mem []byte
	on  []*transport.Region // by ring
}

// Register registers memory for receives, on each of the volume's rings, until
// the region is closed, which has to be before the volume. Its pages are pinned
// and count against RLIMIT_MEMLOCK, once for each ring. Errors are those of
// transport.Engine.Register; with one nothing stays registered.
func (v *Volume) Register(mem []byte) (*Region, error) {
	r := &Region{mem: mem}
	for _, e := range v.engines {
		on, err := e.Register(mem)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		r.on = append(r.on, on)
	}
	return r, nil
}

// Bytes is the registered memory.
func (r *Region) Bytes() []byte { return r.mem }

// Close unregisters the memory. While a read in flight uses any of it, Close
// refuses with [ErrBufferInUse] and may be called again. After it has succeeded
// it does nothing.
func (r *Region) Close() error {
	var errs []error
	for _, on := range r.on {
		errs = append(errs, on.Close())
	}
	return errors.Join(errs...)
}
