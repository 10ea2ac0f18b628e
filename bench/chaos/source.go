package chaos

import (
	"context"
	"fmt"
	"slices"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/server"
)

// source is the files that are read, all of one volume, and what is in them.
type source struct {
	protocol string
	dir      string // URL of the directory they are in
	files    []*content
}

// content is a file as it is.
type content struct {
	name  string
	bytes []byte
	whole bool // there is no more in the file
}

// embedded is what the embedded server serves by a protocol; the URLs are its.
func embedded(urls map[string]string, protocol string, c *Config) *source {
	src := &source{protocol: protocol, dir: urls[protocol]}
	for _, f := range bench.SyntheticFiles(c.Files, c.SizeBytes) {
		b := make([]byte, f.Size)
		server.Pattern(f.Seed, 0, b)
		src.files = append(src.files, &content{f.Name, b, true})
	}
	return src
}

// remote reads what a URL names, once, over a plain connection.
func remote(ctx context.Context, c *Config) (*source, error) {
	found, err := bench.Look(ctx, c.URL, c.Engine)
	if err != nil {
		return nil, err
	}
	defer found.Volume.Close()
	src := &source{protocol: bench.ProtocolOf(c.URL), dir: found.Dir}
	sizes := map[string]int64{found.Name: found.Info.Size()}
	if found.Info.IsDir() {
		if src.dir, err = bench.ChildURL(c.URL, ""); err != nil {
			return nil, err
		}
		if sizes, err = regular(ctx, found); err != nil {
			return nil, err
		}
	}
	var names []string
	for name, size := range sizes {
		if size > 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no file with anything in it to read", c.URL)
	}
	slices.Sort(names)
	for _, name := range names[:min(c.Files, len(names))] {
		f, err := load(ctx, src.dir, name, sizes[name], c.SizeBytes)
		if err != nil {
			return nil, bench.Explain(err, "reading the file over a plain connection, to compare with", c.URL)
		}
		src.files = append(src.files, f)
	}
	return src, nil
}

// regular lists the sizes of the files in a directory.
func regular(ctx context.Context, dir bench.Found) (map[string]int64, error) {
	list, err := dir.Volume.ReadDir(ctx, dir.Name)
	if err != nil {
		return nil, err
	}
	sizes := make(map[string]int64)
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			sizes[e.Name()] = info.Size()
		}
	}
	return sizes, nil
}

func load(ctx context.Context, dir, name string, size, most int64) (*content, error) {
	u, err := bench.ChildURL(dir, name)
	if err != nil {
		return nil, err
	}
	ref, err := bench.OpenReference(ctx, u)
	if err != nil {
		return nil, err
	}
	defer ref.Close()
	f := &content{name: name, bytes: make([]byte, min(size, most)), whole: size <= most}
	for at := 0; at < len(f.bytes); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := f.bytes[at:min(at+maxReadBytes, len(f.bytes))]
		n, err := ref.ReadAt(p, int64(at))
		if n < len(p) {
			return nil, bench.ReadError(err, u, int64(at), len(p), n)
		}
		at += n
	}
	return f, nil
}

// at is what a read of n bytes has to bring, and whether the file ends before.
func (f *content) at(off int64, n int) (want []byte, eof bool) {
	from := min(off, int64(len(f.bytes)))
	to := min(from+int64(n), int64(len(f.bytes)))
	return f.bytes[from:to], int(to-from) < n
}
