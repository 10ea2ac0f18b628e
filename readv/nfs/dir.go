package nfs

import (
	"context"
	"io/fs"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/xdrwire/nfs3"
)

// listBytes is how much of a directory one call asks for.
const listBytes = 64 << 10

// ReadDir implements backend.Volume.
func (v *Volume) ReadDir(ctx context.Context, name string) ([]backend.Entry, error) {
	dir, err := v.walk(ctx, name)
	if err != nil {
		return nil, err
	}
	if !dir.IsDir() {
		return nil, syscall.ENOTDIR
	}
	var list []backend.Entry
	args := nfs3.ReaddirplusArgs{Dir: dir.handle, DirCount: listBytes, MaxCount: listBytes}
	for {
		body, err := v.call(ctx, nfs3.ProcReaddirplus, nfs3.AppendReaddirplusArgs(nil, &args))
		if err != nil {
			return nil, err
		}
		r, err := nfs3.ParseReaddirplusReply(body)
		if err == nil {
			err = r.Status.Err()
		}
		if err != nil {
			return nil, err
		}
		some := false
		for e := range r.Entries.All() {
			some, args.Cookie = true, e.Cookie
			if e.Name != "." && e.Name != ".." {
				list = append(list, v.entry(dir, e))
			}
		}
		if r.EOF || !some {
			return list, nil
		}
		args.Verifier = r.Verifier
	}
}

func (v *Volume) entry(dir node, e nfs3.DirEntry) backend.Entry {
	if e.Attr.Present {
		return backend.Entry{Attr: attrOf(e.Name, e.Attr.Attr)}
	}
	// Attributes are the server's to leave out, and the type with them.
	fetch := func() (backend.Attr, error) {
		n, err := v.Lookup(context.Background(), dir, e.Name)
		if err != nil {
			return backend.Attr{}, &fs.PathError{Op: "stat", Path: e.Name, Err: err}
		}
		return attrOf(e.Name, n.attr), nil
	}
	entry := backend.Entry{Attr: backend.Attr{Base: e.Name, Bits: fs.ModeIrregular}, Fetch: fetch}
	if a, err := fetch(); err == nil {
		entry = backend.Entry{Attr: a}
	}
	return entry
}
