package backend

import (
	"context"
	"errors"
	"io/fs"
)

// ErrListing is a server that goes on listing a directory without getting
// anywhere.
var ErrListing = errors.New("the server's listing of the directory does not come to an end")

// Entry is one name in a directory. It is an fs.DirEntry.
type Entry struct {
	Attr
	fetch func() (Attr, error) // nil: the attributes came with the listing
}

// Type implements fs.DirEntry.
func (e Entry) Type() fs.FileMode { return e.Bits.Type() }

// Info implements fs.DirEntry.
func (e Entry) Info() (fs.FileInfo, error) {
	if e.fetch == nil {
		return e.Attr, nil
	}
	return e.fetch()
}

// LazyEntry is an entry that came without attributes: they are fetched when
// asked for, or at once where not even the type is known. A name that has gone
// meanwhile is an irregular file.
func LazyEntry(ctx context.Context, name string, mode fs.FileMode, typed bool, fetch func(context.Context) (Attr, error)) (Entry, error) {
	if typed {
		return Entry{Attr: Attr{Base: name, Bits: mode}, fetch: func() (Attr, error) {
			a, err := fetch(context.Background())
			if err != nil {
				err = &fs.PathError{Op: "stat", Path: name, Err: err}
			}
			return a, err
		}}, nil
	}
	a, err := fetch(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return Entry{Attr: Attr{Base: name, Bits: fs.ModeIrregular}}, nil
	}
	return Entry{Attr: a}, err
}
