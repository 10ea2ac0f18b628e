package bench

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"syscall"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
)

// hint is what a user can do about an error of reading from a URL, "" if the error
// says it itself or nobody knows.
func hint(err error, rawURL string) string {
	var (
		volume *gluster.UnknownVolumeError
		down   *gluster.BrickDownError
		kind   *gluster.UnsupportedVolumeError
		access *gluster.SetVolumeError
		export *mount3.StatusError
		record *transport.RecordError
		lost   *transport.ConnError
		dns    *net.DNSError
		short  *ShortReadError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &volume), errors.As(err, &down), errors.As(err, &access):
		return "gluster volume status, on the server"
	case errors.As(err, &kind):
		return "a volume of one brick; others cannot be read yet"
	case errors.As(err, &export):
		return "showmount -e " + hostOf(rawURL) + ", which says what is exported, and to whom"
	case errors.As(err, &short):
		return "whether somebody truncated the file; " + ListCommand(short.URL) + " says what it has now"
	case errors.As(err, &dns):
		return "the host's address instead of its name"
	case errors.As(err, &record):
		return "another port: what answers on this one speaks something else"
	case errors.Is(err, syscall.ECONNREFUSED) && ProtocolOf(rawURL) == ProtocolNFS3:
		return "the ports, nfs://host/…?nfsport=…&mountport=…: nothing listens on one of those asked"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "another port, gluster://host:port/…: nothing listens on this one (glusterd does on " + gluster.DefaultPort + ")"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "ip route get " + hostOf(rawURL) + ": there is no way to that address"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, transport.ErrSilent):
		return "whether the server can be reached and is not stopped"
	case errors.As(err, &lost), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "whether the server still runs, and what its log says"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return ListCommand(parent(rawURL))
	case errors.Is(err, syscall.EISDIR):
		return ListCommand(rawURL)
	}
	if try := kernelHint(err); try != "" {
		return try
	}
	if errors.Is(err, fs.ErrPermission) {
		return "the file's mode and owner on the server; reads are done as root unless the URL says otherwise, which root squashing forbids"
	}
	return localHint(err)
}

// kernelHint is about what this machine's kernel refuses to io_uring.
func kernelHint(err error) string {
	var forbidden *ring.ForbiddenError
	var unsupported *ring.UnsupportedError
	switch {
	case errors.As(err, &forbidden) && errors.Is(err, syscall.ENOMEM):
		return "a larger ulimit -l, or to do without: --fixed=false, --engine poller"
	case errors.As(err, &forbidden), errors.As(err, &unsupported):
		return "--engine poller; uringbench probe says what this kernel offers"
	}
	return ""
}

// localHint is about files and addresses of this machine.
func localHint(err error) string {
	var listening *net.OpError
	switch network := errors.As(err, &listening) && listening.Op == "listen"; {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another port, or port 0, which is any that is free"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "an address of this machine; ip addr lists them"
	case network && errors.Is(err, fs.ErrPermission):
		return "a port above 1023"
	case network:
		return "an address and a port of this machine, like 127.0.0.1:0"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "a directory that exists"
	case errors.Is(err, syscall.EISDIR):
		return "the name of a file in it"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "a place where you may"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "a place with room"
	}
	return ""
}

// hostOf is the host of a URL, as other programs want it.
func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "HOST"
	}
	return u.Hostname()
}
