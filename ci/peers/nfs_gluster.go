package peers

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// GaneshaGluster returns the run's NFS server whose Export is the shared
// volume of the run's GlusterFS server: the same bytes by two protocols.
func GaneshaGluster(t testing.TB) *NFSServer {
	t.Helper()
	return obtain(t, ganeshaGlusterOnce)
}

var ganeshaGlusterOnce = sync.OnceValues(func() (*NFSServer, error) {
	return openOr(GaneshaGlusterEnv, openGanesha, func() (*NFSServer, error) {
		gluster, err := glusterOnce()
		if err != nil {
			return nil, err
		}
		return StartGaneshaGluster(gluster)
	})
})

// StartGaneshaGluster starts an NFS server that exports the shared volume of
// the GlusterFS server, as [StartGanesha] does one of local directories; tests
// call [GaneshaGluster]. It is to be stopped before the GlusterFS server.
func StartGaneshaGluster(gluster *GlusterServer) (*NFSServer, error) {
	dir, err := gluster.Volume.mount()
	if err != nil {
		return nil, err
	}
	return startSharedGanesha("gluster", func(s *NFSServer) ganeshaExports {
		v := gluster.Volume
		s.Export = NFSExport{Path: "/" + v.Name, Dir: dir}
		return ganeshaExports{{&s.Export, "", fmt.Sprintf(
			`Name = GLUSTER; Hostname = %s; Volume = %s; Glfs_Log = %s;`,
			gluster.Host, v.Name, filepath.Join(s.Dir, "log", "gfapi.log"))}}
	})
}
