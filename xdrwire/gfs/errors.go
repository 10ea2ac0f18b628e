package gfs

import (
	"errors"
	"fmt"
)

var (
	// ErrDict says that a dictionary contradicts itself: counts or sizes
	// disagree, or a key is not one NUL-terminated string.
	ErrDict = errors.New("gfs: malformed dictionary")
	// ErrReadLength says that the lengths a READ reply states, its payload and
	// the request do not agree.
	ErrReadLength = errors.New("gfs: lengths in the READ reply disagree")
)

// DataTypeError says that a dictionary holds a value of a type whose size is
// not known, so that nothing after it can be found.
type DataTypeError struct{ Type DataType }

func (e *DataTypeError) Error() string {
	return fmt.Sprintf("gfs: dictionary value of unknown type %d", e.Type)
}
