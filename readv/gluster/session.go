package gluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// session is the way from a glusterd to a connected brick. Handshakes take
// AUTH_GLUSTERFS_v2.
type session struct {
	backend.RPC
	engine *transport.Engine // for connections to glusterds
	conn   transport.ConnOptions
}

// glusterd connects to a management daemon.
func (s *session) glusterd(ctx context.Context, address string) (*backend.Conn, error) {
	return backend.Dial(ctx, s.engine, address, transport.ConnOptions{Dial: s.conn.Dial})
}

// UnknownVolumeError is a volume that glusterd has no volfile for: it does not
// exist or is not started. It matches fs.ErrNotExist.
type UnknownVolumeError struct {
	Volume, Server string
	Err            error
}

func (e *UnknownVolumeError) Error() string {
	return fmt.Sprintf("gluster: %s has no started volume %s: %v; see gluster volume info", e.Server, e.Volume, e.Err)
}

func (e *UnknownVolumeError) Unwrap() error { return e.Err }

// Is makes it an fs.ErrNotExist, whatever errno glusterd chose.
func (e *UnknownVolumeError) Is(target error) bool { return target == fs.ErrNotExist }

// volfile asks glusterd how the volume is put together.
func (s *session) volfile(ctx context.Context, server, volume string) (string, error) {
	c, err := s.glusterd(ctx, server)
	if err != nil {
		return "", fmt.Errorf("gluster: connecting to glusterd: %w", err)
	}
	defer c.Close()
	args := gfs.GetSpecArgs{Key: volume, Xdata: gfs.Dict{
		{Key: "min-op-version", Value: gfs.StringValue("1")},
		{Key: "max-op-version", Value: gfs.StringValue("100000")},
	}}
	large := s.RPC
	large.MaxBodyBytes = gfs.MaxGetSpecBytes
	body, err := large.Call(ctx, c, gfs.ProcGetSpec, gfs.AppendGetSpecArgs(nil, &args))
	if err != nil {
		return "", fmt.Errorf("gluster: asking for the volfile of %s: %w", volume, err)
	}
	r, err := gfs.ParseGetSpecReply(body)
	if err != nil {
		return "", fmt.Errorf("gluster: the volfile of %s: %w", volume, err)
	}
	if err := r.Err(); err != nil {
		return "", &UnknownVolumeError{Volume: volume, Server: c.Peer(), Err: err}
	}
	return r.Spec, nil
}

// BrickDownError is a brick that glusterd knows and that does not run.
type BrickDownError struct {
	Brick, Server string
	Err           error
}

func (e *BrickDownError) Error() string {
	return fmt.Sprintf("gluster: brick %s on %s has no port, so it does not run: %v; see gluster volume status", e.Brick, e.Server, e.Err)
}

func (e *BrickDownError) Unwrap() error { return e.Err }

// address finds where a brick listens: in the volfile, or by asking the
// portmapper of its host. server is the address of the glusterd that gave the
// volfile.
func (s *session) address(ctx context.Context, brick *translator, server string) (string, error) {
	host := brick.options["remote-host"]
	if port := brick.options["remote-port"]; port != "" {
		return net.JoinHostPort(host, port), nil
	}
	// Management of the pool listens on one port everywhere; a port in the
	// URL is that of this pool.
	_, port, _ := net.SplitHostPort(server)
	portmap := net.JoinHostPort(host, port)
	c, err := s.glusterd(ctx, portmap)
	if err != nil {
		return "", fmt.Errorf("gluster: asking %s for the brick's port: %w", portmap, err)
	}
	defer c.Close()
	path := brick.options["remote-subvolume"]
	body, err := s.Call(ctx, c, gfs.ProcPortByBrick, gfs.AppendPortByBrickArgs(nil, &gfs.PortByBrickArgs{Brick: path}))
	if err != nil {
		return "", fmt.Errorf("gluster: asking for the port of brick %s: %w", path, err)
	}
	r, err := gfs.ParsePortByBrickReply(body)
	if err != nil {
		return "", fmt.Errorf("gluster: the port of brick %s: %w", path, err)
	}
	if err := r.Err(); err != nil {
		return "", &BrickDownError{Brick: path, Server: portmap, Err: err}
	}
	return net.JoinHostPort(host, strconv.Itoa(int(r.Port))), nil
}

// version asks which programs the brick serves and picks the newest known.
func (s *session) version(ctx context.Context, c *backend.Conn) (uint32, error) {
	body, err := s.Call(ctx, c, gfs.ProcDump, gfs.AppendDumpArgs(nil, &gfs.DumpArgs{GFSID: gfs.DumpID}))
	if err != nil {
		return 0, fmt.Errorf("gluster: asking %s for its programs: %w", c.Peer(), err)
	}
	r, err := gfs.ParseDumpReply(body)
	if err != nil {
		return 0, fmt.Errorf("gluster: the programs of %s: %w", c.Peer(), err)
	}
	for _, v := range []uint32{gfs.V400, gfs.V330} {
		if r.Serves(gfs.ProgFOP, uint64(v)) {
			return v, nil
		}
	}
	return 0, fmt.Errorf("gluster: %s serves no version of the file operations that is known here (400, 330): is it a brick?", c.Peer())
}

// SetVolumeError is a brick that does not take the connection: its access list,
// a wrong name, or not ready.
type SetVolumeError struct {
	Brick, Reason string
	Err           error
}

func (e *SetVolumeError) Error() string {
	return fmt.Sprintf("gluster: brick %s refuses the connection (%s): %v; see auth.allow, auth.reject, server.allow-insecure", e.Brick, e.Reason, e.Err)
}

func (e *SetVolumeError) Unwrap() error { return e.Err }

// notReadyPause is how long to wait before asking a brick again that is up but
// not ready ("Not received child_up").
const notReadyPause = 100 * time.Millisecond

func (s *session) setVolume(ctx context.Context, c *backend.Conn, brick *translator) error {
	path := brick.options["remote-subvolume"]
	d := gfs.Dict{
		{Key: "remote-subvolume", Value: gfs.StringValue(path)},
		{Key: "process-uuid", Value: gfs.StringValue(processUUID())},
		{Key: "fops-version", Value: gfs.StringValue(strconv.Itoa(gfs.ProgFOP))},
		{Key: "process-name", Value: gfs.StringValue("ringreadv")},
	}
	for _, key := range []string{"username", "password"} {
		if v := brick.options[key]; v != "" {
			d = append(d, gfs.Pair{Key: key, Value: gfs.StringValue(v)})
		}
	}
	args := gfs.AppendSetVolumeArgs(nil, &gfs.SetVolumeArgs{Dict: d})
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	for {
		body, err := s.Call(ctx, c, gfs.ProcSetVolume, args)
		if err != nil {
			return fmt.Errorf("gluster: binding to brick %s: %w", path, err)
		}
		r, err := gfs.ParseSetVolumeReply(body)
		if err != nil {
			return fmt.Errorf("gluster: binding to brick %s: %w", path, err)
		}
		// The errno is 22 even on success: only the result counts.
		if err = r.Err(); err == nil {
			return nil
		}
		var status *gfs.StatusError
		if !errors.As(err, &status) || !status.Retryable() {
			reason := "no reason given"
			if v, ok := r.Dict.Get("ERROR"); ok {
				reason = v.Text()
			}
			return &SetVolumeError{Brick: path, Reason: reason, Err: err}
		}
		select {
		case <-time.After(notReadyPause):
		case <-ctx.Done():
			return &SetVolumeError{Brick: path, Reason: "not ready: " + ctx.Err().Error(), Err: err}
		}
	}
}

// processUUID names one connection. A 10.3 brick crashes when two connections
// share one, so that part of it is random.
func processUUID() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("CTX_ID:%s-GRAPH_ID:0-PID:%d-HOST:%s-PC_NAME:ringreadv-RECON_NO:-0", rand.Text(), os.Getpid(), host)
}
