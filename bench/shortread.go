package bench

import (
	"errors"
	"fmt"
	"io"
)

// ShortReadError is a read that brought less than the file had when it was looked at.
type ShortReadError struct {
	URL   string
	Off   int64
	Bytes int // asked for
	Got   int
}

func (e *ShortReadError) Error() string {
	return fmt.Sprintf("%s: it ends early: of %d bytes at offset %d there are %d", e.URL, e.Bytes, e.Off, e.Got)
}

// ReadError is for a read that brought fewer bytes than were asked for, because of err.
func ReadError(err error, url string, off int64, asked, got int) error {
	if err == io.EOF {
		return &ShortReadError{url, off, asked, got}
	}
	return fmt.Errorf("%d bytes at %d: got %d: %w", asked, off, got, err)
}

// blamed is the URL of the file that an error of reading is about, or of the first if
// it is about none.
func (t *target) blamed(err error) string {
	var short *ShortReadError
	if errors.As(err, &short) {
		return short.URL
	}
	return t.files[0].url
}
