package server

import (
	"errors"
	"log/slog"
	"net"
	"sync"
)

// Options say what a server serves.
type Options struct {
	// Tree holds the files. It is not closed with the server, so that several
	// servers, or one after another, can serve it.
	Tree Tree
	// Volume is the name of the volume; empty means "bench".
	Volume string
	// Fragment is the most bytes that a fragment of a reply may have, for
	// tests of who puts them together; 0 sends each reply in one fragment.
	Fragment int
	// Shuffle seeds the order in which the replies to calls that arrived
	// together leave; 0 is the order of the calls.
	Shuffle uint64
	// Log is told why connections end early; nil means nobody is.
	Log *slog.Logger
}

// Server serves one volume by all its protocols. Its methods may be called from many goroutines.
type Server struct {
	tree     Tree
	volume   string
	fragment int
	shuffle  uint64
	log      *slog.Logger
	programs []program

	mu     sync.Mutex
	closed bool
	open   map[interface{ Close() error }]struct{} // listeners and connections
	served sync.WaitGroup
}

// New returns a server that does not listen yet.
func New(o Options) *Server {
	s := &Server{
		tree: o.Tree, volume: o.Volume, fragment: o.Fragment, shuffle: o.Shuffle, log: o.Log,
		open: make(map[interface{ Close() error }]struct{}),
	}
	if s.volume == "" {
		s.volume = "bench"
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.programs = append(s.glusterPrograms(), nfsPrograms()...)
	return s
}

// Serve accepts connections from l until l fails, whose error it returns, or
// the server is closed, when it returns nil. It closes l. One server may serve
// several listeners.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if !s.adopt(l) {
		return nil
	}
	defer s.release(l)
	for {
		c, err := l.Accept()
		if err != nil {
			if s.isClosed() {
				return nil
			}
			return err
		}
		if !s.adopt(c) {
			c.Close()
			return nil
		}
		go s.serveConn(c)
	}
}

func (s *Server) serveConn(nc net.Conn) {
	defer s.release(nc)
	defer nc.Close()
	c := newConn(s, nc)
	defer c.close()
	if err := c.serve(); err != nil && !s.isClosed() {
		s.log.Info("connection ended", "peer", nc.RemoteAddr(), "reason", err)
	}
}

// Close ends all connections, whatever is under way, and returns when no
// goroutine of the server is left.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	var errs []error
	for c := range s.open {
		if err := c.Close(); !errors.Is(err, net.ErrClosed) { // its goroutine was faster
			errs = append(errs, err)
		}
	}
	s.mu.Unlock()
	s.served.Wait()
	return errors.Join(errs...)
}

// adopt makes Close close c and wait for its release. It refuses when Close
// has been called.
func (s *Server) adopt(c interface{ Close() error }) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[c] = struct{}{}
	s.served.Add(1)
	return true
}

func (s *Server) release(c interface{ Close() error }) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	s.served.Done()
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
