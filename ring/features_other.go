//go:build !linux

package ring

import "errors"

// Probe answers that there is no io_uring here.
func Probe() Features {
	f := unasked()
	err := errors.New("not Linux")
	for _, x := range []*Feature{
		&f.Ring, &f.BoundedWait, &f.DeferredTaskrun, &f.BufferTable, &f.ReadFixed,
		&f.ReadvFixed, &f.RecvFixed, &f.WaitAll, &f.CancelKeepsBytes, &f.PollFirst,
	} {
		x.Settle(err)
	}
	return f
}
