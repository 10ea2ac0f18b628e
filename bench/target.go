package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench/netconn"
	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/readv/gluster"
	"github.com/ringreadv/ringreadv/readv/nfs"
	"github.com/ringreadv/ringreadv/transport"
)

// target is the files that are read.
type target struct {
	files   []targetFile
	volumes []string       // URLs of directories, distinct
	server  *ServerProcess // nil: not ours
	served  int64          // the size of our server's files
}

// targetFile is one of them; the same may be there several times.
type targetFile struct {
	url    string
	volume int // index
	name   string
	size   int64 // that much of it is read
	seed   uint64
}

func (t *target) Close() error {
	if t.server == nil {
		return nil
	}
	return t.server.Close()
}

// openTarget starts the embedded server, or finds the files of the URLs.
func openTarget(ctx context.Context, c *Config) (*target, error) {
	a, err := c.assemble()
	if err != nil {
		return nil, err
	}
	open := a.remoteTarget
	if c.firstURL() == "" {
		open = a.embeddedTarget
	}
	t, err := open(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := t.suits(a); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (a *assembly) remoteTarget(ctx context.Context, c *Config) (*target, error) {
	t := &target{}
	var found []targetFile
	if count, least := a.unnamed(); count > 0 {
		for _, u := range c.URLs {
			files, err := t.find(ctx, u, count, least, a.works[0].Streams[0].says("--bs", "bs="))
			if err != nil {
				return nil, err
			}
			found = append(found, files...)
		}
		if len(found) == 0 {
			return nil, Hint(errors.New("a job without filename= reads files of a URL on the command line, and there is none"), "one or the other")
		}
	}
	for _, w := range a.files {
		var f targetFile
		if w.url == "" {
			// Fewer files than are to be read at the same time are read several times.
			f = found[w.index%len(found)]
		} else {
			var err error
			if f, err = t.findNamed(ctx, &w); err != nil {
				return nil, err
			}
		}
		if w.bytes > 0 {
			f.size = min(f.size, w.bytes)
		}
		t.files = append(t.files, f)
	}
	return t, nil
}

// defaultFileBytes is the size of the embedded server's files where a job does not say
// how much it reads.
const defaultFileBytes = 64 << 20

func (a *assembly) embeddedTarget(ctx context.Context, c *Config) (*target, error) {
	var largest int64
	for i := range a.files {
		if a.files[i].bytes == 0 {
			a.files[i].bytes = defaultFileBytes
		}
		largest = max(largest, a.files[i].bytes)
	}
	s, err := StartServer(ctx, len(a.files), largest, c.Pin)
	if err != nil {
		return nil, err
	}
	t := &target{server: s, served: largest}
	for _, w := range a.files {
		t.files = append(t.files, targetFile{size: w.bytes})
	}
	return t.over(c.Protocols[0])
}

// over returns the same files read by a protocol; those of a URL have theirs.
// The server is still to be closed once.
func (t *target) over(protocol string) (*target, error) {
	if t.server == nil {
		return t, nil
	}
	volume := t.server.URLs[protocol]
	same := &target{server: t.server, served: t.served, volumes: []string{volume}}
	for i, f := range SyntheticFiles(len(t.files), t.served) {
		u, err := ChildURL(volume, f.Name)
		if err != nil {
			return nil, err
		}
		same.files = append(same.files, targetFile{url: u, name: f.Name, size: t.files[i].size, seed: f.Seed})
	}
	return same, nil
}

// suits reports files that are too small for what is to be read of them, or on too many
// volumes.
func (t *target) suits(a *assembly) error {
	for i := range a.works {
		for j := range a.works[i].Streams {
			st := &a.works[i].Streams[j]
			for _, f := range st.Files {
				if share := st.share(t.files[f].size); share < int64(st.BlockMin) {
					return Hint(fmt.Errorf("%s%s: %s of the file is read, less than a block of %s",
						st.place(), t.files[f].url, size.Name(share), size.Name(st.BlockMin)), "smaller blocks with "+st.says("--bs", "bs="))
				}
			}
			if _, err := t.deal(st); err != nil {
				return err
			}
		}
	}
	return nil
}

// findNamed finds a file that a job file names.
func (t *target) findNamed(ctx context.Context, w *wanted) (f targetFile, err error) {
	found, err := Look(ctx, w.url, transport.EngineAuto)
	if err != nil {
		return f, fmt.Errorf("%s: %w", w.where, err)
	}
	defer found.Volume.Close()
	if !found.Info.Mode().IsRegular() {
		return f, Hint(fmt.Errorf("%s: %s is no file", w.where, w.url), ListCommand(w.url))
	}
	return t.file(found.Dir, found.Name, w.url, found.Info.Size()), nil
}

// find lists the files that a URL stands for: itself, or those of a directory, up to a
// number, that are large enough for some read; blocks is what says how large that is.
func (t *target) find(ctx context.Context, rawURL string, count, least int, blocks string) ([]targetFile, error) {
	found, err := Look(ctx, rawURL, transport.EngineAuto)
	if err != nil {
		return nil, err
	}
	defer found.Volume.Close()
	if !found.Info.IsDir() {
		return []targetFile{t.file(found.Dir, found.Name, rawURL, found.Info.Size())}, nil
	}
	entries, err := found.Volume.ReadDir(ctx, found.Name)
	if err != nil {
		return nil, Explain(err, "listing the directory", rawURL)
	}
	dir, err := ChildURL(rawURL, "")
	if err != nil {
		return nil, err
	}
	var files []targetFile
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() < int64(least) || len(files) == count {
			continue
		}
		child, err := ChildURL(rawURL, e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, t.file(dir, e.Name(), child, info.Size()))
	}
	if len(files) == 0 {
		return nil, Hint(fmt.Errorf("%s: no file of at least %s in this directory", rawURL, size.Name(least)), "a file, or smaller blocks with "+blocks)
	}
	return files, nil
}

// SplitURL takes a URL apart into that of a directory, which can be dialled, and
// the name of what is in it; the name is empty for the root of a volume.
func SplitURL(rawURL string) (dir, name string, err error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return "", "", Explain(err, "reading the URL", rawURL)
	}
	full := strings.TrimRight(u.Path, "/")
	if u.Scheme != "nfs" && strings.Count(full, "/") <= 1 {
		u.Path = full + "/" // the volume itself
	} else {
		u.Path, name = path.Split(full)
	}
	u.RawPath = ""
	return u.String(), name, nil
}

// ProtocolOf tells which protocol a URL is of.
func ProtocolOf(rawURL string) string {
	if strings.HasPrefix(rawURL, "nfs:") {
		return ProtocolNFS3
	}
	return ProtocolGluster
}

// parseURL accepts what one of the protocols does.
func parseURL(rawURL string) (*url.URL, error) {
	var err error
	if ProtocolOf(rawURL) == ProtocolNFS3 {
		_, err = nfs.ParseURL(rawURL)
	} else {
		_, err = gluster.ParseURL(rawURL)
	}
	if err != nil {
		return nil, err
	}
	return url.Parse(rawURL)
}

// ChildURL is the URL of a name in the directory that a URL stands for.
func ChildURL(dir, name string) (string, error) {
	u, err := url.Parse(dir)
	if err != nil {
		return "", err
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/"+name, ""
	return u.String(), nil
}

func (t *target) file(dir, name, rawURL string, bytes int64) targetFile {
	f := targetFile{url: rawURL, name: name, size: bytes, volume: slices.Index(t.volumes, dir)}
	if f.volume < 0 {
		f.volume = len(t.volumes)
		t.volumes = append(t.volumes, dir)
	}
	return f
}

// Names of servers in reports.
const (
	ServerEmbedded = "embedded"
	ServerURL      = "url" // not ours
)

func (t *target) serverName() string {
	if t.server != nil {
		return ServerEmbedded
	}
	return ServerURL
}

// distinct counts files that are there several times once.
func (t *target) distinct() int {
	seen := make(map[string]bool)
	for _, f := range t.files {
		seen[f.url] = true
	}
	return len(seen)
}

// Reference gives a file's content without the library.
type Reference interface {
	io.ReaderAt
	io.Closer
}

// openReference opens the content of the i-th file: made up for the embedded
// server, read over a plain net.Conn from others.
func (t *target) openReference(ctx context.Context, i int) (Reference, error) {
	f := &t.files[i]
	if t.server != nil {
		return patternFile{f}, nil
	}
	return OpenReference(ctx, f.url)
}

// OpenReference opens a file over a plain net.Conn.
func OpenReference(ctx context.Context, rawURL string) (Reference, error) {
	if ProtocolOf(rawURL) == ProtocolNFS3 {
		return openNFSReference(ctx, rawURL)
	}
	c, err := dialNetConn(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	nf, err := openNetConn(ctx, c, rawURL)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &netConnFile{nf, c, context.AfterFunc(ctx, c.Interrupt)}, nil
}

func openNFSReference(ctx context.Context, rawURL string) (Reference, error) {
	f, err := openNFS(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	return &nfsReference{f, context.AfterFunc(ctx, f.Interrupt)}, nil
}

func openNFS(ctx context.Context, rawURL string) (*netconn.NFSFile, error) {
	l, err := nfs.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	n := netconn.NFS{Server: l.Server, NFSPort: l.NFSPort, MountPort: l.MountPort, Path: l.Path}
	if l.UID != nil {
		n.UID = *l.UID
	}
	if l.GID != nil {
		n.GID = *l.GID
	}
	return netconn.OpenNFS(ctx, n)
}

type nfsReference struct {
	*netconn.NFSFile
	stop func() bool
}

func (f *nfsReference) Close() error {
	f.stop()
	return f.NFSFile.Close()
}

func dialNetConn(ctx context.Context, rawURL string) (*netconn.Client, error) {
	l, err := gluster.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	return netconn.Dial(ctx, l.Server, l.Volume)
}

func openNetConn(ctx context.Context, c *netconn.Client, rawURL string) (*netconn.File, error) {
	l, err := gluster.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	return c.Open(ctx, l.Path)
}

type patternFile struct{ *targetFile }

// ReadAt may be asked for no more than there is.
func (f patternFile) ReadAt(p []byte, off int64) (int, error) {
	server.Pattern(f.seed, off, p)
	return len(p), nil
}

func (f patternFile) Close() error { return nil }

type netConnFile struct {
	*netconn.File
	client *netconn.Client
	stop   func() bool
}

func (f *netConnFile) Close() error {
	f.stop()
	return f.client.Close()
}
