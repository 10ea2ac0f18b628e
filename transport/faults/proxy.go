package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Options shape a Proxy. The zero value makes an honest one.
type Options struct {
	// Script gives the faults of a connection; connections count from 0 in the
	// order in which they were made. Nil means none.
	Script func(conn int) Script
	// Lengths finds, in the results of an accepted reply to a call of this
	// procedure, the words that say how long the payload is, for [FieldLength]:
	// their offsets. results may be cut short. Each of them, changed alone, has
	// to contradict something else in the reply. Nil means that there are none.
	Lengths func(p xdrwire.Procedure, results []byte) []int
}

// Proxy relays TCP connections. Its methods may be called from many goroutines.
type Proxy struct {
	opt    Options
	done   chan struct{} // closed by Close
	relays sync.WaitGroup

	mu     sync.Mutex
	open   map[*relay]struct{}
	closed bool
	conns  int
	kinds  [kinds]uint64
	fields [fields]uint64
}

// New makes a proxy. Until Close it needs nothing but what its connections do.
func New(o Options) *Proxy {
	if o.Script == nil {
		o.Script = Always()
	}
	return &Proxy{opt: o, done: make(chan struct{}), open: make(map[*relay]struct{})}
}

// Dial connects to the address and returns the client's end of a loopback TCP
// connection, a *net.TCPConn, whose other end is relayed to it. Errors are those of
// connecting, and net.ErrClosed.
func (p *Proxy) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	server, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	toServer, ok := server.(*net.TCPConn)
	if !ok {
		server.Close()
		return nil, fmt.Errorf("faults: %s is no TCP", network)
	}
	client, toClient, err := pair(ctx)
	if err != nil {
		toServer.Close()
		return nil, err
	}
	if err := p.start(newRelay(p, toClient, toServer)); err != nil {
		return nil, errors.Join(err, client.Close(), toClient.Close(), toServer.Close())
	}
	return client, nil
}

// pair makes a TCP connection over loopback and returns its ends.
func pair(ctx context.Context) (dialled, accepted *net.TCPConn, err error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	dialled = nc.(*net.TCPConn)
	for {
		if accepted, err = l.AcceptTCP(); err != nil {
			dialled.Close()
			return nil, nil, err
		}
		if accepted.RemoteAddr().String() == dialled.LocalAddr().String() {
			return dialled, accepted, nil
		}
		accepted.Close() // somebody else's
	}
}

func (p *Proxy) start(r *relay) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	r.out.script = p.opt.Script(p.conns)
	p.conns++
	p.open[r] = struct{}{}
	p.relays.Go(func() {
		r.run()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, r)
	})
	return nil
}

// count notes a fault that has happened.
func (p *Proxy) count(f *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kinds[f.Kind]++
	if f.Kind == Corrupt {
		p.fields[f.Field]++
	}
}

// Stats are a proxy's counters.
type Stats struct {
	Conns   int // made so far
	Open    int // now
	Faults  map[Kind]uint64
	Corrupt map[Field]uint64 // of those faults, by what was changed
}

// Stats returns what has happened so far. Kinds of which there was none are not in
// the maps.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{Conns: p.conns, Open: len(p.open), Faults: make(map[Kind]uint64), Corrupt: make(map[Field]uint64)}
	for k, n := range p.kinds {
		if n > 0 {
			s.Faults[Kind(k)] = n
		}
	}
	for f, n := range p.fields {
		if n > 0 {
			s.Corrupt[Field(f)] = n
		}
	}
	return s
}

// Close ends all connections and returns when no goroutine of the proxy is left.
func (p *Proxy) Close() error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.done)
	}
	for r := range p.open {
		r.end()
	}
	p.mu.Unlock()
	p.relays.Wait()
	return nil
}
