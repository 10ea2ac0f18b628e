package server

import "syscall"

// nfsSession is what is kept for one connection, only to save work: NFS has no
// open files, so that each call must be answered as if it were the first.
type nfsSession struct {
	files map[NodeID]File
	// opened are the keys of files, oldest first from next on.
	opened  []NodeID
	next    int
	listing listing
}

// nfsOpenFiles is how many files stay open for a connection.
const nfsOpenFiles = 256

// file returns an open file, and its attributes as they are now. A file that
// has no name any more is stale though it can still be read.
func (s *nfsSession) file(tree Tree, id NodeID) (File, Attr, error) {
	f, ok := s.files[id]
	if !ok {
		var err error
		if f, err = tree.Open(id); err != nil {
			return nil, Attr{}, stale(err)
		}
		s.keep(id, f)
	}
	a, err := f.Stat()
	if err == nil && a.Nlink == 0 {
		err = syscall.ESTALE
	}
	return f, a, err
}

// keep closes the file that was opened first when there are too many.
func (s *nfsSession) keep(id NodeID, f File) {
	if s.files == nil {
		s.files = make(map[NodeID]File)
	}
	s.files[id] = f
	if len(s.opened) < nfsOpenFiles {
		s.opened = append(s.opened, id)
		return
	}
	oldest := &s.opened[s.next]
	s.files[*oldest].Close() // was only read
	delete(s.files, *oldest)
	*oldest = id
	s.next = (s.next + 1) % nfsOpenFiles
}

func (s *nfsSession) close() {
	for _, f := range s.files {
		f.Close()
	}
}
