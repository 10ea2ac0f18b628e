package nfs

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURL(t *testing.T) {
	n := func(v uint32) *uint32 { return &v }
	for in, want := range map[string]Location{
		"nfs://nas/export":                     {Server: "nas", Path: "/export"},
		"nfs://nas":                            {Server: "nas", Path: "/"},
		"nfs://nas:20490/a/b%20c":              {Server: "nas", Path: "/a/b c", NFSPort: 20490},
		"nfs://[::1]:1/a?nfsport=2":            {Server: "::1", Path: "/a", NFSPort: 2},
		"nfs://nas/a?mountport=3&uid=0&gid=12": {Server: "nas", Path: "/a", MountPort: 3, UID: n(0), GID: n(12)},
		"nfs://nas/a?rsize=4096":               {Server: "nas", Path: "/a", ReadBytes: n(4096)},
	} {
		got, err := ParseURL(in)
		if err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", in, d)
		}
	}
	for _, in := range []string{
		"", "nas/export", "http://nas/a", "nfs:nas/a", "nfs:///a", "nfs://nas:0/a", "nfs://nas:99999/a", "nfs://me@nas/a", "nfs://nas/a#b", "nfs://::/a",
		"nfs://nas/a?uid=x", "nfs://nas/a?uid=-1", "nfs://nas/a?uid=1&uid=2", "nfs://nas/a?nfsport=0", "nfs://nas/a?rsize=0",
		"nfs://nas/a?wsize=1", "nfs://nas/a?uid=5000000000", "nfs://nas/a?%zz",
	} {
		_, err := ParseURL(in)
		var bad *url.Error
		if !errors.As(err, &bad) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("nfs://server:2049/export/path?nfsport=1&mountport=2&uid=3&gid=4&rsize=5")
	f.Add("nfs://[::1]/a%2Fb")
	f.Fuzz(func(t *testing.T, in string) {
		l, err := ParseURL(in)
		if err != nil {
			return
		}
		if l.Server == "" || l.NFSPort < 0 || l.NFSPort > 65535 || l.MountPort < 0 || l.MountPort > 65535 || l.ReadBytes != nil && *l.ReadBytes == 0 {
			t.Errorf("%q gave %+v", in, l)
		}
	})
}
