package peers

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Signal sends ganesha a signal. SIGSTOP makes a server that is silent but
// connected, SIGCONT wakes it.
func (s *NFSServer) Signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if _, err := s.inside("kill", "-"+strconv.Itoa(int(sig)), s.ownPID(t)); err != nil {
		t.Fatal(err)
	}
}

// Kill ends ganesha at once and returns when it is gone. rpcbind stays and
// goes on naming its ports. [NFSServer.Start] starts it again.
func (s *NFSServer) Kill(t testing.TB) {
	t.Helper()
	if err := s.kill(s.ownPID(t)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.pidFile()); err != nil {
		t.Fatal(err)
	}
}

// Start starts ganesha after Kill, at the same ports and with the same
// exports: file handles stay good.
func (s *NFSServer) Start(t testing.TB) {
	t.Helper()
	if err := s.startGanesha(); err != nil {
		t.Fatal(err)
	}
}

// ownPID is the number in the server's namespace of a ganesha that is this
// test's own.
func (s *NFSServer) ownPID(t testing.TB) string {
	t.Helper()
	if s.Shared {
		t.Fatal("this NFS server is shared with other tests: take one from NewGanesha to kill it")
	}
	pid, err := s.pid()
	if err != nil {
		t.Fatalf("ganesha is not running: %v", err)
	}
	return pid
}

func (s *NFSServer) pid() (string, error) {
	text, err := os.ReadFile(s.pidFile())
	return strings.TrimSpace(string(text)), err
}

func (s *NFSServer) pidFile() string { return filepath.Join(s.Dir, "ganesha.pid") }
