package nfs3

import (
	"iter"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// DirEntry is an entry of a directory (entryplus3).
type DirEntry struct {
	FileID uint64
	Name   string
	Cookie uint64 // where the next READDIRPLUS goes on
	Attr   OptionalFattr
	Handle OptionalHandle
}

// DirEntries is a list of entries, kept as it is on the wire: the entries of a
// reply would take several times the reply's memory. The zero value is empty.
// Many goroutines may walk it at once; a copy shares its memory.
type DirEntries struct{ wire []byte }

// Add appends an entry.
func (l *DirEntries) Add(e *DirEntry) {
	b := xdrwire.AppendUint64(xdrwire.AppendBool(l.wire, true), e.FileID)
	b = xdrwire.AppendUint64(xdrwire.AppendString(b, e.Name), e.Cookie)
	l.wire = appendOptionalHandle(appendOptionalFattr(b, &e.Attr), &e.Handle)
}

// Bytes is how many bytes of a reply the list takes, for a server to stay
// within what it was asked for.
func (l *DirEntries) Bytes() int { return len(l.wire) }

// All walks the entries in their order. Names are copies; nothing else is
// allocated.
func (l DirEntries) All() iter.Seq[DirEntry] {
	return func(yield func(DirEntry) bool) {
		for d := newDecoder(l.wire); d.Remaining() > 0; {
			d.Skip(4) // that an entry follows
			e, name := d.dirEntry()
			e.Name = string(name)
			if !yield(e) {
				return
			}
		}
	}
}

// dirEntry reads an entry and leaves its name uncopied.
func (d *decoder) dirEntry() (e DirEntry, name []byte) {
	e.FileID, name, e.Cookie = d.Uint64(), d.Opaque(maxNameBytes), d.Uint64()
	e.Attr, e.Handle = d.optionalFattr(), d.optionalHandle()
	return e, name
}

// dirEntries reads the entries of a list and the mark of its end. b is all the
// input of d.
func (d *decoder) dirEntries(b []byte) DirEntries {
	start, end := d.Offset(), d.Offset()
	for d.Bool() {
		d.dirEntry()
		end = d.Offset()
	}
	return DirEntries{b[start:end:end]}
}
