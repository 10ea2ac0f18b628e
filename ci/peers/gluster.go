package peers

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// GlusterEnv names the environment variable that holds the directory of a
// server this run has already started.
const GlusterEnv = "RINGREADV_GLUSTER"

// GlusterServer is a glusterd, listening on port 24007, with its bricks.
type GlusterServer struct {
	Server
	Volume *Volume // one brick, shared by all tests of the run: read it, add files, never stop it
}

// Gluster returns the run's GlusterFS server.
func Gluster(t testing.TB) *GlusterServer {
	t.Helper()
	return obtain(t, glusterOnce)
}

var glusterOnce = sync.OnceValues(func() (*GlusterServer, error) {
	return openOr(GlusterEnv, openGluster, StartGluster)
})

// Addr is glusterd's host:port.
func (s *GlusterServer) Addr() string {
	return s.addr(glusterPort)
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
