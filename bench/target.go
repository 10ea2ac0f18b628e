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
	if len(c.URLs) == 0 {
		return embeddedTarget(ctx, c)
	}
	t := &target{}
	var found []targetFile
	for _, u := range c.URLs {
		files, err := t.find(ctx, u, c)
		if err != nil {
			return nil, err
		}
		found = append(found, files...)
	}
	// Fewer files than are to be read at the same time are read several times.
	for i := range max(c.Files, len(c.URLs)) {
		t.files = append(t.files, found[i%len(found)])
	}
	return t, nil
}

func embeddedTarget(ctx context.Context, c *Config) (*target, error) {
	s, err := StartServer(ctx, c.Files, c.SizeBytes, c.Pin)
	if err != nil {
		return nil, err
	}
	t := &target{server: s}
	return t.over(c.Protocols[0], c)
}

// over returns the same files read by a protocol; those of a URL have theirs.
// The server is still to be closed once.
func (t *target) over(protocol string, c *Config) (*target, error) {
	if t.server == nil {
		return t, nil
	}
	volume := t.server.URLs[protocol]
	same := &target{server: t.server, volumes: []string{volume}}
	for _, f := range SyntheticFiles(c.Files, c.SizeBytes) {
		u, err := ChildURL(volume, f.Name)
		if err != nil {
			return nil, err
		}
		same.files = append(same.files, targetFile{url: u, name: f.Name, size: f.Size, seed: f.Seed})
	}
	return same, nil
}

// find lists the files that a URL stands for: itself, or those of a directory.
func (t *target) find(ctx context.Context, rawURL string, c *Config) ([]targetFile, error) {
	found, err := Look(ctx, rawURL, transport.EngineAuto)
	if err != nil {
		return nil, err
	}
	defer found.Volume.Close()
	if !found.Info.IsDir() {
		f, err := t.file(found.Dir, found.Name, rawURL, found.Info.Size(), c)
		return []targetFile{f}, err
	}
	entries, err := found.Volume.ReadDir(ctx, found.Name)
	if err != nil {
		return nil, Explain(err, "listing the directory", rawURL)
	}
	dir, err := ChildURL(rawURL, "")
	if err != nil {
		return nil, err
	}
	least := int64(0)
	for _, w := range c.works() {
		least = max(least, int64(w.BlockBytes))
	}
	var files []targetFile
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() < least || len(files) == c.Files {
			continue
		}
		child, err := ChildURL(rawURL, e.Name())
		if err != nil {
			return nil, err
		}
		f, err := t.file(dir, e.Name(), child, info.Size(), c)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, Hint(fmt.Errorf("%s: no file of at least %s in this directory", rawURL, size.Name(least)), "a file, or smaller blocks with --bs")
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

func (t *target) file(dir, name, rawURL string, bytes int64, c *Config) (targetFile, error) {
	f := targetFile{url: rawURL, name: name, size: min(bytes, c.SizeBytes)}
	for _, w := range c.works() {
		if int64(w.BlockBytes) > f.size {
			return f, Hint(fmt.Errorf("%s: the file has %s, less than a block of %s",
				rawURL, size.Name(bytes), size.Name(w.BlockBytes)), "smaller blocks with --bs")
		}
	}
	f.volume = slices.Index(t.volumes, dir)
	if f.volume < 0 {
		f.volume = len(t.volumes)
		t.volumes = append(t.volumes, dir)
	}
	return f, nil
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
