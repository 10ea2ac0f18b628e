package peers

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

//go:embed gluster_init.sh
var glusterInit string

// glusterPort is where clients look for glusterd and, through it, for bricks:
// a volfile without remote-port means this port. The server therefore keeps it
// and takes a loopback address of its own instead.
const glusterPort = 24007

const glusterdVol = `volume management
    type mgmt/glusterd
    option working-directory /var/lib/glusterd
    option transport-type socket
    option transport.address-family inet
    option transport.socket.bind-address %s
    option transport.socket.listen-port %d
    option glusterd-sockfile /run/gluster/glusterd.socket
    option rpc-auth-allow-insecure on
    option ping-timeout 0
end-volume
`

// startTimeout bounds every wait for a server process to come up or go away.
const startTimeout = 30 * time.Second

// StartGluster starts a glusterd with one started volume, for a program that
// runs tests; tests call [Gluster]. The server lives until Stop or until the
// calling process ends. An error that is [errors.ErrUnsupported] means that
// this machine cannot run one.
func StartGluster() (*GlusterServer, error) {
	if os.Geteuid() != 0 {
		return nil, unsupported("running GlusterFS needs root")
	}
	for _, program := range []string{"glusterd", "glusterfsd", "gluster", "mount.glusterfs", "nsenter"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, unsupported("GlusterFS is not installed: %v", err)
		}
	}
	dir, err := os.MkdirTemp("", "ringreadv-gluster-")
	if err != nil {
		return nil, err
	}
	s, err := startGlusterIn(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.makeSharedVolume(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errors.ErrUnsupported, fmt.Errorf(format, args...))
}

// startGlusterIn brings up glusterd alone, with all its files below dir.
func startGlusterIn(dir string) (*GlusterServer, error) {
	for _, sub := range []string{"lib", "log", "run", "bricks", "mnt"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	// MkdirTemp makes it private to root; a test may drop its privileges.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	host, err := freeLoopbackAddress(glusterPort)
	if err != nil {
		return nil, err
	}
	vol := fmt.Sprintf(glusterdVol, host, glusterPort)
	if err := os.WriteFile(filepath.Join(dir, "glusterd.vol"), []byte(vol), 0o644); err != nil {
		return nil, err
	}

	log, err := os.Create(filepath.Join(dir, "log", "init.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command("bash", "-c", glusterInit, "gluster-init", dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setpgid:    true, // Ctrl-C reaches it as the end of its input only
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, os.ErrPermission) {
			return nil, unsupported("PID and mount namespaces are forbidden here: %v", err)
		}
		return nil, err
	}
	s := &GlusterServer{Dir: dir, Host: host, InitPID: cmd.Process.Pid, hold: stdin}
	s.exited = make(chan error, 1)
	go func() { s.exited <- cmd.Wait() }()

	if err := s.waitListening(glusterPort); err != nil {
		text, _ := os.ReadFile(filepath.Join(dir, "log", "glusterd.log"))
		notes, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("glusterd did not start: %w\n%s%s", err, notes, tail(text)), s.Stop())
	}
	return s, nil
}

// Stop ends every process of the server, removes its directory and returns
// when both are gone. Only the process that started the server may call it.
func (s *GlusterServer) Stop() error {
	if err := s.hold.Close(); err != nil {
		return err
	}
	err := <-s.exited
	s.exited <- err
	return err
}

// save writes what another process needs to use the server.
func (s *GlusterServer) save() error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, "server.json"), text, 0o644)
}

// openGluster finds the server that runs in dir.
func openGluster(dir string) (*GlusterServer, error) {
	text, err := os.ReadFile(filepath.Join(dir, "server.json"))
	if err != nil {
		return nil, err
	}
	s := new(GlusterServer)
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	s.Volume.adopt(s)
	return s, s.waitListening(glusterPort)
}

// waitListening returns when a TCP connection to the port is accepted.
func (s *GlusterServer) waitListening(port int) error {
	deadline := time.Now().Add(startTimeout)
	for {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(s.Host, strconv.Itoa(port)), time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("its process 1 ended: %w", err)
		default:
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// freeLoopbackAddress returns an address of 127.0.0.0/8 other than the usual
// ones on which nothing listens at the port.
func freeLoopbackAddress(port int) (string, error) {
	var err error
	for range 16 {
		host := fmt.Sprintf("127.%d.%d.%d", 64+rand.IntN(128), rand.IntN(256), 1+rand.IntN(254))
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			return host, l.Close()
		}
	}
	return "", err
}

// tail is the end of a log, long enough to show why its writer gave up.
func tail(log []byte) []byte {
	return log[max(0, len(log)-4096):]
}
