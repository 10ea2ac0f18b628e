package nfs

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
)

// Location is a parsed URL, in the form of libnfs:
//
//	nfs://server[:port]/export/path?nfsport=N&mountport=N&uid=N&gid=N&rsize=N
//
// A port after the server means nfsport.
type Location struct {
	Server string // host name or IP address, without brackets
	Path   string // of a directory on the server, absolute
	// NFSPort and MountPort are 0 where rpcbind is to be asked.
	NFSPort, MountPort int
	// UID, GID and ReadBytes are nil where the URL does not say.
	UID, GID, ReadBytes *uint32
}

// ParseURL takes a URL apart. Parameters it does not know are errors: a silent
// misspelling would read with other rights or from another port than meant.
func ParseURL(s string) (Location, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Location{}, err
	}
	bad := func(reason string) (Location, error) {
		return Location{}, &url.Error{Op: "parse", URL: s, Err: errors.New(reason + "; want nfs://server[:port]/export/path")}
	}
	switch {
	case u.Scheme != "nfs":
		return bad(fmt.Sprintf("scheme %q is not nfs", u.Scheme))
	case u.Opaque != "" || !backend.IsHost(u.Hostname()):
		return bad("no server")
	case u.User != nil:
		return bad("a user in the URL means nothing to NFS; uid= and gid= do")
	case u.Fragment != "":
		return bad("a fragment means nothing here")
	}
	l := Location{Server: u.Hostname(), Path: u.Path}
	if l.Path == "" {
		l.Path = "/"
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return bad("port " + p + " is none")
		}
		l.NFSPort = int(n)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return bad(err.Error())
	}
	for key, values := range query {
		n, err := strconv.ParseUint(values[0], 10, 32)
		if err != nil || len(values) > 1 {
			return bad("parameter " + key + " is not one number")
		}
		v := uint32(n)
		isPort := n > 0 && n < 1<<16
		switch {
		case key == "nfsport" && isPort:
			l.NFSPort = int(n)
		case key == "mountport" && isPort:
			l.MountPort = int(n)
		case key == "uid":
			l.UID = &v
		case key == "gid":
			l.GID = &v
		case key == "rsize" && n > 0:
			l.ReadBytes = &v
		default:
			return bad("parameter " + key + "=" + values[0] + " is not understood")
		}
	}
	return l, nil
}
