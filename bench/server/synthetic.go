package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// SyntheticFile is a file whose content is [Pattern] of its seed.
type SyntheticFile struct {
	Name string // in the root directory
	Size int64  // bytes
	Seed uint64
}

// syntheticMemoryBytes bounds what the synthetic files of a tree may keep in
// memory. What does not fit is made anew for every READ.
const syntheticMemoryBytes = 2 << 30

// syntheticTime is all times of all synthetic files.
const syntheticTime = 1_700_000_000

// Synthetic returns a tree of these files. The first of them, up to 2 GiB in
// all, are held in memory, so that serving them costs no more than sending.
func Synthetic(files []SyntheticFile) (Tree, error) {
	t := &syntheticTree{names: make(map[string]int, len(files))}
	room := int64(syntheticMemoryBytes)
	for i, f := range files {
		if err := t.add(i, f, &room); err != nil {
			t.Close()
			return nil, fmt.Errorf("synthetic file %q: %w", f.Name, err)
		}
	}
	return t, nil
}

// syntheticTree does not change once it is made.
type syntheticTree struct {
	names map[string]int
	files []syntheticNode
}

type syntheticNode struct {
	SyntheticFile
	attr   Attr
	memory *os.File // nil: not held
}

func (t *syntheticTree) add(index int, f SyntheticFile, room *int64) error {
	_, double := t.names[f.Name]
	if double || !validName(f.Name) || f.Name == "." || f.Name == ".." || f.Size < 0 {
		return syscall.EINVAL
	}
	node := syntheticNode{SyntheticFile: f, attr: syntheticAttr(uint64(index) + 2)}
	node.attr.Mode, node.attr.Nlink = syscall.S_IFREG|0o444, 1
	node.attr.Size, node.attr.Blocks = uint64(f.Size), (uint64(f.Size)+511)/512
	if 0 < f.Size && f.Size <= *room {
		var err error
		if node.memory, err = patternMemory(f); err != nil {
			return err
		}
		*room -= f.Size
	}
	t.names[f.Name] = index
	t.files = append(t.files, node)
	return nil
}

// syntheticAttr returns what all nodes have. The inode number is the end of
// the ID, as on a brick.
func syntheticAttr(ino uint64) Attr {
	a := Attr{Ino: ino, Dev: 1, BlockSize: 4096}
	if ino != 1 {
		copy(a.ID[:], "synthetc")
	}
	putIno(&a.ID, ino)
	at := Timestamp{Sec: syntheticTime}
	a.Atime, a.Mtime, a.Ctime = at, at, at
	return a
}

// patternMemory returns memory with the content of f. It is memory with a
// descriptor because from there the kernel sends without copying.
func patternMemory(f SyntheticFile) (*os.File, error) {
	fd, err := unix.MemfdCreate("ringreadv-synthetic", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	memory := os.NewFile(uintptr(fd), f.Name)
	chunk := make([]byte, 1<<20)
	for off := int64(0); off < f.Size; off += int64(len(chunk)) {
		chunk = chunk[:min(int64(len(chunk)), f.Size-off)]
		Pattern(f.Seed, off, chunk)
		if _, err := memory.WriteAt(chunk, off); err != nil {
			memory.Close()
			return nil, err
		}
	}
	return memory, nil
}

func (t *syntheticTree) Close() error {
	var errs []error
	for _, f := range t.files {
		if f.memory != nil {
			errs = append(errs, f.memory.Close())
		}
	}
	return errors.Join(errs...)
}

// node returns nil for the root.
func (t *syntheticTree) node(id NodeID) (*syntheticNode, error) {
	if id == RootID {
		return nil, nil
	}
	i := inoOf(id) - 2
	if i >= uint64(len(t.files)) || t.files[i].attr.ID != id {
		return nil, syscall.ENOENT
	}
	return &t.files[i], nil
}

func (t *syntheticTree) Stat(id NodeID) (Attr, error) {
	f, err := t.node(id)
	if err != nil {
		return Attr{}, err
	}
	if f != nil {
		return f.attr, nil
	}
	root := syntheticAttr(1)
	root.Mode, root.Nlink, root.Size, root.Blocks = syscall.S_IFDIR|0o555, 2, 4096, 8
	return root, nil
}

func (t *syntheticTree) Lookup(dir NodeID, name string) (Attr, error) {
	f, err := t.node(dir)
	switch {
	case err != nil:
		return Attr{}, err
	case f != nil:
		return Attr{}, syscall.ENOTDIR
	case name == "." || name == "..":
		return t.Stat(RootID)
	}
	i, ok := t.names[name]
	if !ok {
		return Attr{}, syscall.ENOENT
	}
	return t.files[i].attr, nil
}

func (t *syntheticTree) Open(id NodeID) (File, error) {
	f, err := t.node(id)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return nil, syscall.EISDIR
	case f.memory == nil:
		return f, nil
	}
	return heldFile{f, int(f.memory.Fd())}, nil
}

func (t *syntheticTree) List(dir NodeID) ([]Entry, error) {
	if f, err := t.node(dir); err != nil {
		return nil, err
	} else if f != nil {
		return nil, syscall.ENOTDIR
	}
	list := make([]Entry, len(t.files))
	for i, f := range t.files {
		list[i] = Entry{Name: f.Name, Attr: f.attr}
	}
	return list, nil
}

func (t *syntheticTree) Readlink(id NodeID) (string, error) {
	if _, err := t.node(id); err != nil {
		return "", err
	}
	return "", syscall.EINVAL
}

// ReadAt makes the bytes rather than read them from memory: for the few of a
// small READ that is no dearer than a system call.
func (f *syntheticNode) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, syscall.EINVAL
	}
	n := int(min(int64(len(p)), max(f.Size-off, 0)))
	Pattern(f.Seed, off, p[:n])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *syntheticNode) Stat() (Attr, error) { return f.attr, nil }

// Close does nothing: the memory belongs to the tree.
func (f *syntheticNode) Close() error { return nil }

// heldFile is a file that has its content in memory.
type heldFile struct {
	*syntheticNode
	fd int
}

func (f heldFile) Descriptor() int { return f.fd }
