package peers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startTimeout bounds every wait for a server process to come up or go away.
const startTimeout = 30 * time.Second

// Server is what the servers of a run have in common.
type Server struct {
	Dir     string // all its files
	Host    string // its loopback address
	InitPID int    // process 1 of its namespaces, as seen from outside

	// hold is the standard input of process 1: closing it ends the server.
	// nil where another process holds it.
	hold io.WriteCloser
	// exited holds the end of process 1; nil where another process holds it.
	exited chan error
}

// start runs the shell script as process 1 of new PID and mount namespaces,
// with the server's directory as its argument and files as its descriptors
// from 3 on. The script must end all processes when its input ends, and
// remove the directory.
func (s *Server) start(name, script string, files ...*os.File) error {
	log, err := os.Create(s.initLog())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command("bash", "-c", script, name, s.Dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = files
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setpgid:    true, // Ctrl-C reaches it as the end of its input only
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, os.ErrPermission) {
			return unsupported("PID and mount namespaces are forbidden here: %v", err)
		}
		return err
	}
	s.InitPID, s.hold = cmd.Process.Pid, stdin
	s.exited = make(chan error, 1)
	go func() { s.exited <- cmd.Wait() }()
	return nil
}

// initLog is where the script and what it starts print.
func (s *Server) initLog() string { return filepath.Join(s.Dir, "log", "init.log") }

// logs is the end of the script's log and of the named one.
func (s *Server) logs(name string) string {
	notes, _ := os.ReadFile(s.initLog())
	text, _ := os.ReadFile(filepath.Join(s.Dir, "log", name))
	return string(tail(notes)) + string(tail(text))
}

// Stop ends every process of the server, removes its directory and returns
// when both are gone. Only the process that started the server may call it.
func (s *Server) Stop() error {
	if err := s.hold.Close(); err != nil {
		return err
	}
	err := <-s.exited
	s.exited <- err
	return err
}

// inside runs a program in the server's namespaces and returns its output.
func (s *Server) inside(name string, args ...string) (string, error) {
	args = append([]string{"--target=" + strconv.Itoa(s.InitPID), "--mount", "--pid", "--", name}, args...)
	out, err := exec.Command("nsenter", args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w\n%s", strings.Join(args[4:], " "), err, out)
	}
	return string(out), nil
}

// seen is the name under which processes outside reach a path inside the
// server's mount namespace.
func (s *Server) seen(path string) string {
	return filepath.Join("/proc", strconv.Itoa(s.InitPID), "root", path)
}

// alive reports whether the server's namespace has a process of that number.
func (s *Server) alive(pid string) bool {
	_, err := os.Stat(s.seen(filepath.Join("/proc", pid)))
	return err == nil
}

// kill ends a process of the server's namespace and returns when it is gone.
func (s *Server) kill(pid string) error {
	if _, err := s.inside("kill", "-KILL", pid); err != nil {
		return err
	}
	deadline := time.Now().Add(startTimeout)
	for s.alive(pid) {
		if time.Now().After(deadline) {
			return fmt.Errorf("process %s survived SIGKILL for %v", pid, startTimeout)
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// lock takes the named lock among all processes that use the server.
func (s *Server) lock(name string) (unlock func(), err error) {
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

// waitListening returns when a TCP connection to the port is accepted.
func (s *Server) waitListening(port int) error {
	return s.waitUntil(func() error {
		conn, err := net.DialTimeout("tcp", s.addr(port), time.Second)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// waitUntil returns when try succeeds, or when it cannot any more.
func (s *Server) waitUntil(try func() error) error {
	deadline := time.Now().Add(startTimeout)
	for {
		err := try()
		if err == nil {
			return nil
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

// addr is host:port.
func (s *Server) addr(port int) string {
	return net.JoinHostPort(s.Host, strconv.Itoa(port))
}

// makeDirs makes the server's directory and the named ones in it.
func (s *Server) makeDirs(pattern string, subs ...string) error {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil {
		return err
	}
	s.Dir = dir
	for _, sub := range subs {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	// MkdirTemp makes it private to root; a test may drop its privileges.
	return os.Chmod(dir, 0o755)
}

// saveServer writes what another process needs to use the server in dir.
func saveServer(dir string, s any) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "server.json"), text, 0o644)
}

// loadServer reads what [saveServer] wrote.
func loadServer(dir string, s any) error {
	text, err := os.ReadFile(filepath.Join(dir, "server.json"))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, s)
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

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errors.ErrUnsupported, fmt.Errorf(format, args...))
}

// mustRunAsRoot says why this machine cannot run a server of the kind, if it
// cannot: they need root and the programs.
func mustRunAsRoot(kind string, programs ...string) error {
	if os.Geteuid() != 0 {
		return unsupported("running %s needs root", kind)
	}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			return unsupported("%s is not installed: %v", kind, err)
		}
	}
	return nil
}

// tail is the end of a log, long enough to show why its writer gave up.
func tail(log []byte) []byte {
	return log[max(0, len(log)-4096):]
}
