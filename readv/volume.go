package readv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/readv/nfs"
	"github.com/ringreadv/ringreadv/transport"
)

// Volume is a tree of remote files. All methods are safe from many goroutines.
type Volume struct {
	url     string
	opt     Options
	engines engines
	conns   *backend.Conns
	backend backend.Volume
	queues  atomic.Uint32 // made so far: they are dealt over the rings
	calls   sync.Pool     // of *blockingCall

	closed    atomic.Bool // new work is refused
	closeOnce sync.Once
	closeErr  error
	releases  sync.WaitGroup // files closed with reads in flight
}

// Dial connects to the volume that the URL names; names of files are relative to
// the URL's path. The context bounds the connecting only.
//
// Errors are a *url.Error for a URL that is none, those of net.Dialer, the
// server's refusals, ring.ForbiddenError where io_uring may not be used and the
// options insist on it, and Options that contradict each other.
func Dial(ctx context.Context, rawURL string, o *Options) (*Volume, error) {
	opt := o.withDefaults()
	if err := opt.validate(); err != nil {
		return nil, err
	}
	base, _, _ := strings.Cut(rawURL, "?")
	v := &Volume{url: strings.TrimRight(base, "/"), opt: opt}
	v.calls.New = func() any { return v.newBlockingCall() }
	if err := v.connect(ctx, rawURL); err != nil {
		return nil, err
	}
	return v, nil
}

// connect is the one place that knows which protocols there are.
func (v *Volume) connect(ctx context.Context, rawURL string) error {
	o := &v.opt
	timeout := max(o.Timeout, 0)
	scheme, _, _ := strings.Cut(rawURL, ":")
	switch scheme {
	case "gluster", "gluster+tcp":
		l, err := gluster.ParseURL(rawURL)
		if err != nil {
			return err
		}
		return v.dialWith(func() (backend.Volume, error) {
			return gluster.Dial(ctx, v.conns, l, gluster.Options{
				UID: o.UID, GID: o.GID, Groups: o.Groups, Timeout: timeout, Dial: o.Dial,
			})
		})
	case "nfs":
		l, err := nfs.ParseURL(rawURL)
		if err != nil {
			return err
		}
		return v.dialWith(func() (backend.Volume, error) {
			return nfs.Dial(ctx, v.conns, l, nfs.Options{
				Conn: o.connOptions(), UID: o.UID, GID: o.GID, Groups: o.Groups, Timeout: timeout,
			})
		})
	}
	return &url.Error{Op: "dial", URL: rawURL, Err: fmt.Errorf("no protocol is called %q; want gluster://host/volume or nfs://server/export", scheme)}
}

// dialWith makes the engines and connections that dial uses.
func (v *Volume) dialWith(dial func() (backend.Volume, error)) (err error) {
	if v.engines, err = newEngines(v.opt); err != nil {
		return err
	}
	v.conns = backend.NewConns(v.engines, v.opt.connsOptions())
	if v.backend, err = dial(); err != nil {
		v.conns.Stop()
		return errors.Join(err, v.engines.close())
	}
	return nil
}

// Open opens one file by its URL, on a volume of its own that is closed with
// the file.
func Open(ctx context.Context, rawURL string, o *Options) (*File, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	dir, name := path.Split(u.Path)
	u.Path, u.RawPath = dir, ""
	v, err := Dial(ctx, u.String(), o)
	if err != nil {
		return nil, err
	}
	f, err := v.Open(ctx, name)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	f.owns = true
	return f, nil
}

// Open opens a regular file. Directories give syscall.EISDIR, what else is no
// file syscall.EINVAL.
func (v *Volume) Open(ctx context.Context, name string) (*File, error) {
	if v.closed.Load() {
		return nil, v.pathError("open", name, ErrClosed)
	}
	var f backend.File
	err := v.conns.Retry(ctx, func() (err error) {
		f, err = v.backend.Open(ctx, backend.Clean(name))
		return err
	})
	if err != nil {
		return nil, v.pathError("open", name, err)
	}
	return &File{volume: v, name: name, backend: f, uses: newUses(len(v.engines))}, nil
}

// Stat asks for the attributes of a file or directory, following symbolic links.
func (v *Volume) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	var a backend.Attr
	err := v.conns.Retry(ctx, func() (err error) {
		a, err = v.backend.Stat(ctx, backend.Clean(name))
		return err
	})
	if err != nil {
		return nil, v.pathError("stat", name, err)
	}
	return a, nil
}

// ReadDir lists a directory, sorted by name.
func (v *Volume) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	var list []backend.Entry
	err := v.conns.Retry(ctx, func() (err error) {
		list, err = v.backend.ReadDir(ctx, backend.Clean(name))
		return err
	})
	if err != nil {
		return nil, v.pathError("readdir", name, err)
	}
	return sortedEntries(list), nil
}

// Engine is what the volume's input and output are done with: [transport.EngineURing]
// or [transport.EnginePoller], on all of its rings.
func (v *Volume) Engine() transport.EngineKind { return v.engines[0].Kind() }

// Accelerators are those that the volume goes by now: what there is, without what is
// switched off and what the kernel has refused since.
func (v *Volume) Accelerators() transport.Accelerators { return v.engines.accelerators() }

// Stats returns the counters of the volume, summed over its rings.
func (v *Volume) Stats() transport.Stats { return v.engines.stats() }

// Close refuses new work, lets reads in flight end for at most five seconds and
// fails the rest, then disconnects. An error means that the kernel did not let
// go of memory lent to it: do not use that memory again. A second Close waits
// for the first and returns the same.
func (v *Volume) Close() error {
	v.closeOnce.Do(func() {
		v.closed.Store(true)
		v.releases.Wait()
		v.conns.Stop()
		v.backend.Leave()
		v.closeErr = v.engines.close()
	})
	return v.closeErr
}

func (v *Volume) pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: v.url + "/" + strings.TrimLeft(name, "/"), Err: err}
}

// deadline is when a read that starts now fails; given wins over the default.
func (v *Volume) deadline(given time.Time) time.Time {
	if given.IsZero() && v.opt.Timeout > 0 {
		return time.Now().Add(v.opt.Timeout)
	}
	return given
}
