package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/ring"
)

// Explain adds to an error what was being done, with what, and what to try.
func Explain(err error, step, rawURL string) error {
	if err == nil {
		return nil
	}
	text := "%s: %s: %w"
	if strings.Contains(err.Error(), rawURL) {
		text = "%[2]s: %[3]w"
	}
	err = fmt.Errorf(text, rawURL, step, err)
	if h := hint(err, rawURL); h != "" {
		err = fmt.Errorf("%w\n  try: %s", err, h)
	}
	return err
}

// hint is what a user can do about an error, "" if the error says it itself or
// nobody knows.
func hint(err error, rawURL string) string {
	var (
		volume    *gluster.UnknownVolumeError
		down      *gluster.BrickDownError
		kind      *gluster.UnsupportedVolumeError
		access    *gluster.SetVolumeError
		forbidden *ring.ForbiddenError
		dns       *net.DNSError
	)
	switch {
	case errors.As(err, &volume), errors.As(err, &down), errors.As(err, &access):
		return "gluster volume status, on the server"
	case errors.As(err, &kind):
		return "a volume of one brick; others cannot be read yet"
	case errors.As(err, &forbidden), errors.Is(err, errors.ErrUnsupported):
		return "uringbench probe, which says what this kernel offers"
	case errors.As(err, &dns):
		return "the host's address instead of its name"
	case errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, syscall.ECONNREFUSED) && ProtocolOf(rawURL) == ProtocolNFS3:
		return "the ports, nfs://host/…?nfsport=…&mountport=…: nothing listens on one of those asked"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "another port, gluster://host:port/…: nothing listens on this one (glusterd does on " + gluster.DefaultPort + ")"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "whether the server can be reached and is not stopped"
	case errors.Is(err, fs.ErrNotExist):
		return "uringbench ls " + parent(rawURL)
	case errors.Is(err, syscall.EISDIR):
		return "uringbench ls " + rawURL
	case errors.Is(err, fs.ErrPermission):
		return "the file's mode and owner on the server; reads are done as root, which server.root-squash forbids"
	}
	return ""
}

// parent is the URL of the directory, or of the volume for what is in its root.
func parent(rawURL string) string {
	dir, _, err := SplitURL(rawURL)
	if err != nil {
		return rawURL // it is what was not understood
	}
	return dir
}
