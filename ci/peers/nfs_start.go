package peers

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

//go:embed nfs_init.sh
var nfsInit string

// The RPC programs an NFS server consists of, in the versions used here.
const (
	rpcbindProgram, rpcbindVersion = 100000, 2
	nfsProgram, nfsVersion         = 100003, 3
	mountProgram, mountVersion     = 100005, 3
)

// netconfig has no line for IPv6.
const netconfig = `udp   tpi_clts     v inet     udp - -
tcp   tpi_cots_ord v inet     tcp - -
local tpi_cots_ord - loopback -   - -
`

// StartGanesha starts an NFS server with exports of local directories, for a
// program that runs tests; tests call [Ganesha]. The server lives until Stop
// or until the calling process ends. An error that is [errors.ErrUnsupported]
// means that this machine cannot run one.
func StartGanesha() (*NFSServer, error) {
	return startSharedGanesha("vfs", localExports)
}

// startSharedGanesha starts a server for other processes too.
func startSharedGanesha(backend string, exports func(*NFSServer) ganeshaExports) (*NFSServer, error) {
	s, err := startGanesha(backend, exports)
	if err != nil {
		return nil, err
	}
	s.Shared = true
	return s, saveServer(s.Dir, s)
}

// startGanesha starts a server whose exports are what the function says, with
// files from the named backend of ganesha.
func startGanesha(backend string, exports func(*NFSServer) ganeshaExports) (*NFSServer, error) {
	err := mustRunAsRoot("nfs-ganesha", "ganesha.nfsd", "rpcbind", "nsenter")
	if err != nil {
		return nil, err
	}
	if found, _ := filepath.Glob("/usr/lib*/*/ganesha/libfsal" + backend + ".so"); len(found) == 0 {
		return nil, unsupported("nfs-ganesha-%s is not installed", backend)
	}
	if err := mustHaveAddress(); err != nil {
		return nil, err
	}
	s := new(NFSServer)
	if err := s.start(exports); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	return s, nil
}

func (s *NFSServer) start(exports func(*NFSServer) ganeshaExports) error {
	if err := s.makeDirs("ringreadv-nfs-", "lib", "log", "run/rpcbind"); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(s.Dir, "netconfig"), []byte(netconfig), 0o644)
	if err != nil {
		return err
	}
	sockets, err := s.listenRpcbind()
	if err != nil {
		return err
	}
	defer func() {
		for _, f := range sockets {
			f.Close()
		}
	}()
	if s.NFSPort, err = freePort(s.Host, 2049); err != nil {
		return err
	}
	if s.MountPort, err = freePort(s.Host, 20048); err != nil {
		return err
	}
	if err := s.configure(exports(s)); err != nil {
		return err
	}
	if err := s.Server.start("nfs-init", nfsInit, sockets...); err != nil {
		return err
	}
	if err := s.startGanesha(); err != nil {
		return errors.Join(err, s.Stop())
	}
	return nil
}

// listenRpcbind chooses the server's address and opens the sockets of rpcbind
// on it, which by itself listens for TCP on all addresses only.
func (s *NFSServer) listenRpcbind() (files []*os.File, err error) {
	s.RpcbindPort = 111
	if s.Host, err = freeLoopbackAddress(s.RpcbindPort); err != nil {
		s.RpcbindPort = 0 // any: the machine's own rpcbind has 111
		if s.Host, err = freeLoopbackAddress(s.RpcbindPort); err != nil {
			return nil, err
		}
	}
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(s.Host), Port: s.RpcbindPort})
	if err != nil {
		return nil, err
	}
	defer tcp.Close()
	s.RpcbindPort = tcp.Addr().(*net.TCPAddr).Port
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(s.Host), Port: s.RpcbindPort})
	if err != nil {
		return nil, err
	}
	defer udp.Close()
	local, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(s.Dir, "run", "rpcbind.sock")})
	if err != nil {
		return nil, err
	}
	local.SetUnlinkOnClose(false)
	defer local.Close()
	for _, socket := range []interface{ File() (*os.File, error) }{tcp, udp, local} {
		f, err := socket.File()
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// freePort is the preferred port if nothing listens at it, or another one.
func freePort(host string, preferred int) (int, error) {
	ip := net.ParseIP(host)
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: preferred})
	if err != nil {
		if l, err = net.ListenTCP("tcp", &net.TCPAddr{IP: ip}); err != nil {
			return 0, err
		}
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// startGanesha returns when the ganesha it starts answers.
func (s *NFSServer) startGanesha() error {
	// Ganesha tells rpcbind its ports when it starts.
	err := s.waitUntil(func() error { return null(s.RpcbindAddr(), rpcbindProgram, rpcbindVersion) })
	if err != nil {
		return fmt.Errorf("rpcbind did not start: %w\n%s", err, s.logs("ganesha.log"))
	}
	if _, err := s.hold.Write([]byte("start\n")); err != nil {
		return err
	}
	if err := s.waitServing(); err != nil {
		return fmt.Errorf("ganesha did not start: %w\n%s", err, s.logs("ganesha.log"))
	}
	return nil
}

// waitServing returns when both programs of ganesha answer.
func (s *NFSServer) waitServing() error {
	var died error
	err := s.waitUntil(func() error {
		err := null(s.Addr(), nfsProgram, nfsVersion)
		if err == nil {
			err = null(s.MountAddr(), mountProgram, mountVersion)
		}
		if pid, perr := s.pid(); err != nil && perr == nil && !s.alive(pid) {
			died = fmt.Errorf("its process ended: %w", err)
			return nil
		}
		return err
	})
	return errors.Join(err, died)
}

// openGanesha finds the server that runs in dir.
func openGanesha(dir string) (*NFSServer, error) {
	s := new(NFSServer)
	if err := loadServer(dir, s); err != nil {
		return nil, err
	}
	return s, s.waitServing()
}
