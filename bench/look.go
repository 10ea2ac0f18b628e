package bench

import (
	"context"
	"errors"
	"io/fs"

	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/mount3"
)

// Found is what a URL stands for. Its volume is the caller's to close.
type Found struct {
	Volume *readv.Volume
	Dir    string // URL of the directory that the volume was dialled with
	Name   string // in that directory; empty for the directory itself
	Info   fs.FileInfo
}

// Look connects to the directory of a file, or the one above a directory, and
// asks for what the URL names. Above what an NFS server exports nothing can be
// mounted: then the URL is the directory's.
func Look(ctx context.Context, rawURL string, engine transport.EngineKind) (f Found, err error) {
	if f.Dir, f.Name, err = SplitURL(rawURL); err != nil {
		return f, err
	}
	o := &readv.Options{Engine: engine}
	f.Volume, err = readv.Dial(ctx, f.Dir, o)
	var refused *mount3.StatusError
	if errors.As(err, &refused) {
		if v, again := readv.Dial(ctx, rawURL, o); again == nil {
			f.Volume, f.Dir, f.Name, err = v, rawURL, "", nil
		}
	}
	if err != nil {
		return f, Explain(err, "connecting", rawURL)
	}
	if f.Info, err = f.Volume.Stat(ctx, f.Name); err != nil {
		f.Volume.Close()
		return f, Explain(err, "looking", rawURL)
	}
	return f, nil
}
