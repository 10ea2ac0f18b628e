package readv

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
)

// FS is the volume as an fs.FS that is also an fs.StatFS and an fs.ReadDirFS.
// Files it opens are io.ReaderAt, io.Seeker and io.WriterTo too. Every
// operation uses the context.
func (v *Volume) FS(ctx context.Context) fs.FS { return volumeFS{ctx, v} }

type volumeFS struct {
	ctx    context.Context
	volume *Volume
}

func (f volumeFS) Open(name string) (fs.File, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return &openDir{fs: f, name: name, info: info}, nil
	}
	file, err := f.volume.Open(f.ctx, name)
	if err != nil {
		return nil, err
	}
	r := file.NewReader(f.ctx)
	return &openFile{Reader: r, file: file}, nil
}

func (f volumeFS) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	return f.volume.Stat(f.ctx, name)
}

func (f volumeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	return f.volume.ReadDir(f.ctx, name)
}

// openFile is a regular file of an FS.
type openFile struct {
	*Reader
	file *File
}

func (f *openFile) Stat() (fs.FileInfo, error)              { return f.file.Stat(f.ctx) }
func (f *openFile) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }
func (f *openFile) Close() error                            { return f.file.Close() }

// openDir is a directory of an FS, listed when it is first read.
type openDir struct {
	fs     volumeFS
	name   string
	info   fs.FileInfo
	listed bool
	rest   []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: syscall.EISDIR}
}

// ReadDir implements fs.ReadDirFile.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.listed {
		list, err := d.fs.ReadDir(d.name)
		if err != nil {
			return nil, err
		}
		d.listed, d.rest = true, list
	}
	k := len(d.rest)
	if n > 0 {
		if k == 0 {
			return nil, io.EOF
		}
		k = min(k, n)
	}
	list := d.rest[:k:k]
	d.rest = d.rest[k:]
	return list, nil
}

func sortedEntries(list []backend.Entry) []fs.DirEntry {
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		out[i] = e
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}
