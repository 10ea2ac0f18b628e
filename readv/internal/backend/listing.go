package backend

import (
	"errors"
	"fmt"
	"strings"
)

// Listing collects the entries of a directory. What a server may have it keep is
// bounded: names can be invented for ever. The zero value is empty.
type Listing struct {
	entries []Entry
	bytes   int
}

const (
	// maxListBytes bounds a listing, each name counted with entryBytes: some
	// three million entries. They take some five times that in memory.
	maxListBytes = 256 << 20
	entryBytes   = 64
)

// ErrLargeDirectory is a directory with more entries than are listed.
var ErrLargeDirectory = errors.New("the server lists more entries than a directory is allowed here")

// NameError is a name in a listing that is none: no file can have it, and a caller
// that joins it to a path leaves the directory.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("the server lists the name %q, which no file can have", e.Name)
}

// Saw is to be told of every name that the server lists, before anything is done
// with it. Errors are [ErrLargeDirectory] and *[NameError].
func (l *Listing) Saw(name string) error {
	if name == "" || strings.ContainsAny(name, "/\x00") {
		return &NameError{Name: name}
	}
	if l.bytes += entryBytes + len(name); l.bytes > maxListBytes {
		return ErrLargeDirectory
	}
	return nil
}

// Add appends an entry.
func (l *Listing) Add(e Entry) { l.entries = append(l.entries, e) }

// Entries are those added, in their order.
func (l *Listing) Entries() []Entry { return l.entries }
