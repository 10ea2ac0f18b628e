package nfs

import (
	"context"
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
	var list backend.Listing
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
		before := args.Cookie
		for e := range r.Entries.All() {
			args.Cookie = e.Cookie
			if err := list.Saw(e.Name); err != nil {
				return nil, err
			}
			if e.Name == "." || e.Name == ".." {
				continue
			}
			entry, err := v.entry(ctx, dir, e)
			if err != nil {
				return nil, err
			}
			list.Add(entry)
		}
		if r.EOF {
			return list.Entries(), nil
		}
		if args.Cookie == before {
			return nil, backend.ErrListing
		}
		args.Verifier = r.Verifier
	}
}

// entry makes an entry of what the server says. Attributes are its to leave out,
// and the type with them.
func (v *Volume) entry(ctx context.Context, dir node, e nfs3.DirEntry) (backend.Entry, error) {
	if e.Attr.Present {
		return backend.Entry{Attr: attrOf(e.Name, e.Attr.Attr)}, nil
	}
	fetch := func(ctx context.Context) (backend.Attr, error) {
		n, err := v.Lookup(ctx, dir, e.Name)
		return attrOf(e.Name, n.attr), err
	}
	return backend.LazyEntry(ctx, e.Name, 0, false, fetch)
}
