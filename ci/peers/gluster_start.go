package peers

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// StartGluster starts a glusterd with one started volume, for a program that
// runs tests; tests call [Gluster]. The server lives until Stop or until the
// calling process ends. An error that is [errors.ErrUnsupported] means that
// this machine cannot run one.
func StartGluster() (*GlusterServer, error) {
	err := mustRunAsRoot("GlusterFS", "glusterd", "glusterfsd", "gluster", "mount.glusterfs", "nsenter")
	if err != nil {
		return nil, err
	}
	s := new(GlusterServer)
	if err := s.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	if err := s.makeSharedVolume(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// start brings up glusterd alone, with all its files below s.Dir.
func (s *GlusterServer) start() (err error) {
	if err := s.makeDirs("ringreadv-gluster-", "lib", "log", "run", "bricks", "mnt"); err != nil {
		return err
	}
	if s.Host, err = freeLoopbackAddress(glusterPort); err != nil {
		return err
	}
	vol := fmt.Sprintf(glusterdVol, s.Host, glusterPort)
	if err := os.WriteFile(filepath.Join(s.Dir, "glusterd.vol"), []byte(vol), 0o644); err != nil {
		return err
	}
	if err := s.Server.start("gluster-init", glusterInit); err != nil {
		return err
	}
	if err := s.waitListening(glusterPort); err != nil {
		return errors.Join(fmt.Errorf("glusterd did not start: %w\n%s", err, s.logs("glusterd.log")), s.Stop())
	}
	return nil
}

// openGluster finds the server that runs in dir.
func openGluster(dir string) (*GlusterServer, error) {
	s := new(GlusterServer)
	if err := loadServer(dir, s); err != nil {
		return nil, err
	}
	s.Volume.adopt(s)
	return s, s.waitListening(glusterPort)
}
