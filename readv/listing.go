package readv

import "github.com/ringreadv/ringreadv/readv/internal/backend"

// Why a listing fails for what the server lists.
var (
	// ErrListing: it goes on without getting anywhere.
	ErrListing = backend.ErrListing
	// ErrLargeDirectory: its names, 64 bytes added to each, have more than 256
	// MiB. That is some three million.
	ErrLargeDirectory = backend.ErrLargeDirectory
)

// NameError is a listed name that no file can have: empty, with a slash or a NUL. A
// caller who joined it to a path would leave the directory.
type NameError = backend.NameError
