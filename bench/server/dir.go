package server

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"
	"syscall"
)

// Dir returns the directory at path as a tree. Nothing outside it can be
// reached. Files may be added, changed and removed while it is served.
func Dir(path string) (Tree, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &dirTree{root: root, paths: map[NodeID]string{RootID: "."}}, nil
}

// dirTree finds nodes by the paths at which they were last seen.
type dirTree struct {
	root *os.Root

	mu    sync.Mutex
	paths map[NodeID]string
}

func (t *dirTree) Close() error { return t.root.Close() }

func (t *dirTree) Stat(id NodeID) (Attr, error) {
	_, a, err := t.find(id)
	return a, err
}

func (t *dirTree) Lookup(dir NodeID, name string) (Attr, error) {
	if !validName(name) {
		return Attr{}, syscall.EINVAL
	}
	p, a, err := t.find(dir)
	if err != nil {
		return Attr{}, err
	}
	if !a.isDir() {
		return Attr{}, syscall.ENOTDIR
	}
	if p == "." && name == ".." {
		return a, nil
	}
	return t.see(path.Join(p, name))
}

// find returns where a node is, and its attributes. One that is not where it
// was, or was never seen by this process, is searched for in the whole tree:
// clients keep IDs over a restart of the server.
func (t *dirTree) find(id NodeID) (string, Attr, error) {
	p, a, err := t.findSeen(id)
	if !errors.Is(err, fs.ErrNotExist) {
		return p, a, err
	}
	t.walk(".")
	return t.findSeen(id)
}

func (t *dirTree) findSeen(id NodeID) (string, Attr, error) {
	t.mu.Lock()
	p, ok := t.paths[id]
	t.mu.Unlock()
	if !ok {
		return "", Attr{}, syscall.ENOENT
	}
	a, err := t.see(p)
	if err == nil && a.ID != id {
		err = syscall.ENOENT
	}
	return p, a, err
}

// see returns the attributes of the node at path p and remembers it.
func (t *dirTree) see(p string) (Attr, error) {
	info, err := t.root.Lstat(p)
	if err != nil {
		return Attr{}, err
	}
	a := attrOf(info.Sys().(*syscall.Stat_t))
	if p == "." {
		a.ID, a.Ino = RootID, 1
	}
	t.mu.Lock()
	t.paths[a.ID] = p
	t.mu.Unlock()
	return a, nil
}

func (t *dirTree) Open(id NodeID) (File, error) {
	p, a, err := t.find(id)
	switch {
	case err != nil:
		return nil, err
	case a.isDir():
		return nil, syscall.EISDIR
	case !a.isRegular():
		return nil, syscall.EINVAL
	}
	// Not to block, should a pipe have taken the file's place.
	file, err := t.root.OpenFile(p, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	f := &dirFile{file: file, fd: int(file.Fd())}
	if now, err := f.Stat(); err != nil || now.ID != id {
		file.Close()
		return nil, syscall.ENOENT
	}
	return f, nil
}

func (t *dirTree) List(dir NodeID) ([]Entry, error) {
	p, a, err := t.find(dir)
	if err != nil {
		return nil, err
	}
	if !a.isDir() {
		return nil, syscall.ENOTDIR
	}
	return t.list(p)
}

func (t *dirTree) list(p string) ([]Entry, error) {
	d, err := t.root.Open(p)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]Entry, 0, len(names))
	for _, name := range names {
		a, err := t.see(path.Join(p, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Entry{Name: name, Attr: a})
	}
	return list, nil
}

// walk sees everything below p; what cannot be read cannot be found.
func (t *dirTree) walk(p string) {
	entries, err := t.list(p)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Attr.isDir() {
			t.walk(path.Join(p, e.Name))
		}
	}
}

func (t *dirTree) Readlink(id NodeID) (string, error) {
	p, a, err := t.find(id)
	if err != nil {
		return "", err
	}
	if a.Mode&syscall.S_IFMT != syscall.S_IFLNK {
		return "", syscall.EINVAL
	}
	return t.root.Readlink(p)
}

// dirFile keeps the descriptor beside the os.File, whose own Stat allocates.
type dirFile struct {
	file *os.File
	fd   int
}

func (f *dirFile) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }

func (f *dirFile) Stat() (Attr, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(f.fd, &st); err != nil {
		return Attr{}, err
	}
	return attrOf(&st), nil
}

func (f *dirFile) Close() error    { return f.file.Close() }
func (f *dirFile) Descriptor() int { return f.fd }

// attrOf converts what the kernel says. The ID is device and inode number,
// which stay with a file when it is renamed and when the server restarts.
func attrOf(st *syscall.Stat_t) Attr {
	a := Attr{
		Ino: st.Ino, Dev: st.Dev, Rdev: st.Rdev,
		Size: uint64(st.Size), Blocks: uint64(st.Blocks),
		Mode: st.Mode, Nlink: uint32(st.Nlink), UID: st.Uid, GID: st.Gid,
		BlockSize: uint32(st.Blksize),
		Atime:     Timestamp{Sec: int64(st.Atim.Sec), Nsec: uint32(st.Atim.Nsec)},
		Mtime:     Timestamp{Sec: int64(st.Mtim.Sec), Nsec: uint32(st.Mtim.Nsec)},
		Ctime:     Timestamp{Sec: int64(st.Ctim.Sec), Nsec: uint32(st.Ctim.Nsec)},
	}
	// The set bit keeps device 0 away from the IDs with a meaning of their own.
	binary.BigEndian.PutUint64(a.ID[:8], st.Dev|1<<63)
	putIno(&a.ID, st.Ino)
	return a
}

func (a *Attr) isDir() bool     { return a.Mode&syscall.S_IFMT == syscall.S_IFDIR }
func (a *Attr) isRegular() bool { return a.Mode&syscall.S_IFMT == syscall.S_IFREG }
