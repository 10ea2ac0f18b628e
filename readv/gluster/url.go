package gluster

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
)

// DefaultPort is where glusterd listens.
const DefaultPort = "24007"

// Location is a parsed URL: gluster://host[:port]/volume[/path].
type Location struct {
	Server string // host:port of glusterd
	Volume string
	Path   string // relative to the volume's root, "" for the root
}

// ParseURL takes a URL apart. The scheme gluster+tcp, as QEMU writes it, means
// the same; gluster+rdma and gluster+unix are refused.
func ParseURL(s string) (Location, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Location{}, err
	}
	bad := func(reason string) (Location, error) {
		return Location{}, &url.Error{Op: "parse", URL: s, Err: errors.New(reason + "; want gluster://host[:24007]/volume/path")}
	}
	switch u.Scheme {
	case "gluster", "gluster+tcp":
	default:
		return bad(fmt.Sprintf("scheme %q is not gluster", u.Scheme))
	}
	switch {
	case u.Opaque != "" || !backend.IsHost(u.Hostname()):
		return bad("no host")
	case u.User != nil:
		return bad("a user in the URL means nothing to GlusterFS")
	case u.RawQuery != "" || u.Fragment != "":
		return bad("parameters are not understood here")
	}
	port := u.Port()
	if port == "" {
		port = DefaultPort
	}
	volume, path, _ := strings.Cut(strings.TrimLeft(u.Path, "/"), "/")
	if volume == "" {
		return bad("no volume")
	}
	return Location{Server: net.JoinHostPort(u.Hostname(), port), Volume: volume, Path: path}, nil
}
