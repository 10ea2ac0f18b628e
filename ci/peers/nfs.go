package peers

import (
	"sync"
	"testing"
)

// GaneshaEnv and GaneshaGlusterEnv name the environment variables that hold
// the directories of NFS servers this run has already started.
const (
	GaneshaEnv        = "RINGREADV_GANESHA"
	GaneshaGlusterEnv = "RINGREADV_GANESHA_GLUSTER"
)

// NFSServer is an nfs-ganesha that speaks NFSv3 and MOUNT over TCP, and the
// rpcbind that knows its ports.
//
// What is written to an export's directory is seen at once. A removed file is
// not gone at once: ganesha keeps descriptors, and with a GlusterFS volume
// names too. After Kill and Start its handle is stale.
//
// It lets clients in from ports above 1023 and takes AUTH_SYS and AUTH_NONE.
type NFSServer struct {
	Server
	// The usual 2049, 20048 and 111, or others where something else on this
	// machine listens at them on all addresses. rpcbind serves UDP too.
	NFSPort, MountPort, RpcbindPort int
	// Shared servers are used by other tests too: not to be killed.
	Shared bool

	Export NFSExport // read only
	// The others are only on servers with exports of local directories.
	SmallReads NFSExport // read only, FSINFO's rtmax and rtpref are SmallReadBytes
	Squashed   NFSExport // read only, root is treated as nobody
	Denied     NFSExport // for no client
}

// SmallReadBytes is the most that one READ of [NFSServer.SmallReads] returns.
const SmallReadBytes = 64 << 10

// NFSExport is a directory that an NFS server gives to clients.
type NFSExport struct {
	Path string // what MOUNT calls it
	Dir  string // where its files can be written directly
}

// Ganesha returns the run's NFS server with exports of local directories.
func Ganesha(t testing.TB) *NFSServer {
	t.Helper()
	return obtain(t, ganeshaOnce)
}

// NewGanesha starts one more server, with exports of its own, for this test
// alone: one that may be killed.
func NewGanesha(t testing.TB) *NFSServer {
	t.Helper()
	return obtain(t, func() (*NFSServer, error) {
		s, err := startGanesha("vfs", localExports)
		if err == nil {
			t.Cleanup(func() {
				if err := s.Stop(); err != nil {
					t.Error(err)
				}
			})
		}
		return s, err
	})
}

var ganeshaOnce = sync.OnceValues(func() (*NFSServer, error) {
	return openOr(GaneshaEnv, openGanesha, StartGanesha)
})

// Addr is the host:port of NFS.
func (s *NFSServer) Addr() string { return s.addr(s.NFSPort) }

// MountAddr is the host:port of MOUNT.
func (s *NFSServer) MountAddr() string { return s.addr(s.MountPort) }

// RpcbindAddr is the host:port of rpcbind.
func (s *NFSServer) RpcbindAddr() string { return s.addr(s.RpcbindPort) }
