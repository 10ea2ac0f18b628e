package compare

import (
	"github.com/ringreadv/ringreadv/bench"
	"golang.org/x/sys/unix"
)

// placing starts processes on the CPUs that they are to have. The zero value leaves
// that to the kernel.
type placing struct {
	pinned                 bool
	serverCPUs, clientCPUs unix.CPUSet
}

func newPlacing(pin bool) *placing {
	p := &placing{}
	if pin {
		p.serverCPUs, p.clientCPUs, p.pinned = bench.SplitCPUs()
	}
	return p
}

func (p *placing) server(start func() error) error { return p.on(&p.serverCPUs, start) }
func (p *placing) client(start func() error) error { return p.on(&p.clientCPUs, start) }

func (p *placing) on(cpus *unix.CPUSet, start func() error) error {
	if !p.pinned {
		return start()
	}
	return bench.OnCPUs(cpus, start)
}
