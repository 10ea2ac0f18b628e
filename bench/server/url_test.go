package server_test

import (
	"net"
	"testing"

	"github.com/ringreadv/ringreadv/bench/server"
)

func TestURL(t *testing.T) {
	s := server.New(server.Options{Volume: "vol"})
	for _, tt := range []struct {
		protocol server.Protocol
		ip, path string
		want     string
	}{
		{server.Gluster, "127.0.0.1", "a/b c", "gluster://127.0.0.1:99/vol/a/b%20c"},
		{server.Gluster, "0.0.0.0", "/file", "gluster://127.0.0.1:99/vol/file"},
		{server.Gluster, "::1", "", "gluster://[::1]:99/vol/"},
		{server.NFS3, "127.0.0.1", "a/b?c", "nfs://127.0.0.1/vol/a/b%3Fc?nfsport=99&mountport=99"},
		{server.NFS3, "::1", "", "nfs://[::1]/vol/?nfsport=99&mountport=99"},
		{server.NFS3, "::", "", "nfs://127.0.0.1/vol/?nfsport=99&mountport=99"},
	} {
		if got := s.URL(tt.protocol, &net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 99}, tt.path); got != tt.want {
			t.Errorf("URL(%s, %s, %q) = %s, want %s", tt.protocol, tt.ip, tt.path, got, tt.want)
		}
	}
}
