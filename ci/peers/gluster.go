package peers

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// GlusterEnv names the environment variable that holds the directory of a
// server this run has already started.
const GlusterEnv = "RINGREADV_GLUSTER"

// GlusterServer is a glusterd with its bricks.
type GlusterServer struct {
	Dir     string  // all its files: bricks/, log/, ...
	Host    string  // its loopback address; glusterd listens on port 24007
	InitPID int     // process 1 of its namespaces, as seen from outside
	Volume  *Volume // one brick, shared by all tests of the run: read it, add files, never stop it

	hold   io.Closer  // closing it ends the server; nil where another process holds it
	exited chan error // holds the end of process 1; nil where another process holds it
}

// Gluster returns the run's GlusterFS server.
func Gluster(t testing.TB) *GlusterServer {
	t.Helper()
	s, err := glusterOnce()
	if errors.Is(err, errors.ErrUnsupported) {
		missing(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var glusterOnce = sync.OnceValues(func() (*GlusterServer, error) {
	if dir := os.Getenv(GlusterEnv); dir != "" {
		s, err := openGluster(dir)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", GlusterEnv, dir, err)
		}
		return s, nil
	}
	return StartGluster()
})

// Addr is glusterd's host:port.
func (s *GlusterServer) Addr() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(glusterPort))
}

// CLI runs the gluster command with the arguments and returns what it prints.
func (s *GlusterServer) CLI(t testing.TB, args ...string) string {
	t.Helper()
	out, err := s.cli(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// cli runs one command at a time: glusterd refuses, rather than queues, a
// second transaction.
func (s *GlusterServer) cli(args ...string) (string, error) {
	unlock, err := s.lock("cli")
	if err != nil {
		return "", err
	}
	defer unlock()
	deadline := time.Now().Add(startTimeout)
	for {
		out, err := s.inside("gluster", append([]string{
			"--mode=script",
			"--glusterd-sock=/run/gluster/glusterd.socket",
		}, args...)...)
		// glusterd answers so while it is still starting, and while a brick
		// that was just started reports to it.
		busy := strings.Contains(out, "Another transaction is in progress") ||
			strings.Contains(out, "Connection failed")
		if err == nil || !busy || time.Now().After(deadline) {
			return out, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// inside runs a program in the server's namespaces and returns its output.
func (s *GlusterServer) inside(name string, args ...string) (string, error) {
	args = append([]string{"--target=" + strconv.Itoa(s.InitPID), "--mount", "--pid", "--", name}, args...)
	out, err := exec.Command("nsenter", args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", strings.Join(args[4:], " "), err, out)
	}
	return string(out), nil
}

// seen is the name under which processes outside reach a path inside the
// server's mount namespace.
func (s *GlusterServer) seen(path string) string {
	return filepath.Join("/proc", strconv.Itoa(s.InitPID), "root", path)
}

// lock takes the named lock among all processes that use the server.
func (s *GlusterServer) lock(name string) (unlock func(), err error) {
	f, err := os.Create(filepath.Join(s.Dir, name+".lock"))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
