package gluster

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURL(t *testing.T) {
	for in, want := range map[string]Location{
		"gluster://host/vol":                   {"host:24007", "vol", ""},
		"gluster://host/vol/":                  {"host:24007", "vol", ""},
		"gluster://host:1234/vol/a/b.img":      {"host:1234", "vol", "a/b.img"},
		"gluster+tcp://[::1]/vol/a%20b":        {"[::1]:24007", "vol", "a b"},
		"gluster://10.0.0.1//vol//odd//path//": {"10.0.0.1:24007", "vol", "/odd//path//"},
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
		"", "host/vol", "http://host/vol", "gluster:vol/file", "gluster:///vol/file", "gluster://host", "gluster://host/",
		"gluster://host:port/vol", "gluster://me@host/vol", "gluster://host/vol?x=1", "gluster+rdma://host/vol", "gluster://ho st/v", "gluster://::/v",
	} {
		_, err := ParseURL(in)
		var bad *url.Error
		if !errors.As(err, &bad) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("gluster://host:24007/volume/path/to/file")
	f.Add("gluster+tcp://[::1]:1/v")
	f.Fuzz(func(t *testing.T, in string) {
		l, err := ParseURL(in)
		if err != nil {
			return
		}
		if l.Volume == "" || strings.Contains(l.Volume, "/") || !strings.Contains(l.Server, ":") {
			t.Errorf("%q gave %+v", in, l)
		}
		u := url.URL{Scheme: "gluster", Host: l.Server, Path: "/" + l.Volume + "/" + l.Path}
		again, err := ParseURL(u.String())
		if err != nil || again != l {
			t.Errorf("%q gave %+v, and back %+v, %v", in, l, again, err)
		}
	})
}
