package gluster

import (
	"maps"
	"slices"
	"sync"
)

// files are the open files of a volume: their descriptors go with a connection
// and have to be renewed with it.
type files struct {
	mu   sync.Mutex
	open map[*file]struct{}
}

func (s *files) add(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[*file]struct{})
	}
	s.open[f] = struct{}{}
}

func (s *files) remove(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, f)
}

func (s *files) list() []*file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.open))
}
