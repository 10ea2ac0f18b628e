package netconn

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"

	"github.com/ringreadv/ringreadv/xdrwire"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// Client is one connection to the brick of a volume. It is for one goroutine at
// a time; only Interrupt may be called from others.
type Client struct {
	conn    *conn
	version uint32
	reads
}

// Dial connects to the volume of the glusterd at server, a host:port.
func Dial(ctx context.Context, server, volume string) (*Client, error) {
	b, err := locate(ctx, server, volume)
	if err != nil {
		return nil, fmt.Errorf("netconn: volume %s at %s: %w", volume, server, err)
	}
	c, err := dial(ctx, b.address())
	if err != nil {
		return nil, fmt.Errorf("netconn: brick %s: %w", b.path, err)
	}
	cl := &Client{conn: c}
	if err := cl.bind(ctx, b); err != nil {
		c.net.Close()
		return nil, fmt.Errorf("netconn: brick %s at %s: %w", b.path, b.address(), err)
	}
	return cl, nil
}

// locate asks glusterd for the volume's brick.
func locate(ctx context.Context, server, volume string) (brick, error) {
	c, err := dial(ctx, server)
	if err != nil {
		return brick{}, err
	}
	defer c.net.Close()
	body, err := c.call(ctx, gfs.ProcGetSpec, func(b []byte) []byte {
		return gfs.AppendGetSpecArgs(b, &gfs.GetSpecArgs{Key: volume, Xdata: gfs.Dict{
			{Key: "min-op-version", Value: gfs.StringValue("1")},
			{Key: "max-op-version", Value: gfs.StringValue("100000")},
		}})
	})
	if err != nil {
		return brick{}, err
	}
	spec, err := gfs.ParseGetSpecReply(body)
	if err == nil {
		err = spec.Err()
	}
	if err != nil {
		return brick{}, err
	}
	b, err := findBrick(spec.Spec)
	if err != nil || b.port != "" {
		return b, err
	}
	body, err = c.call(ctx, gfs.ProcPortByBrick, func(p []byte) []byte {
		return gfs.AppendPortByBrickArgs(p, &gfs.PortByBrickArgs{Brick: b.path})
	})
	if err != nil {
		return b, err
	}
	r, err := gfs.ParsePortByBrickReply(body)
	if err == nil {
		err = r.Err()
	}
	b.port = strconv.Itoa(int(r.Port))
	return b, err
}

// bind says to the brick who is calling, after which it takes file operations.
func (cl *Client) bind(ctx context.Context, b brick) error {
	body, err := cl.conn.call(ctx, gfs.ProcDump, func(p []byte) []byte {
		return gfs.AppendDumpArgs(p, &gfs.DumpArgs{GFSID: gfs.DumpID})
	})
	if err != nil {
		return err
	}
	programs, err := gfs.ParseDumpReply(body)
	if err != nil {
		return err
	}
	cl.version = gfs.V400
	if !programs.Serves(gfs.ProgFOP, gfs.V400) {
		cl.version = gfs.V330
	}
	cl.layout = glusterLayout{cl.version}
	host, _ := os.Hostname()
	d := gfs.Dict{
		{Key: "remote-subvolume", Value: gfs.StringValue(b.path)},
		// Two connections of one name make a 10.3 brick crash.
		{Key: "process-uuid", Value: gfs.StringValue(fmt.Sprintf(
			"CTX_ID:%s-GRAPH_ID:0-PID:%d-HOST:%s-PC_NAME:netconn-RECON_NO:-0", rand.Text(), os.Getpid(), host))},
		{Key: "fops-version", Value: gfs.StringValue(strconv.Itoa(gfs.ProgFOP))},
	}
	if b.user != "" {
		d = append(d, gfs.Pair{Key: "username", Value: gfs.StringValue(b.user)},
			gfs.Pair{Key: "password", Value: gfs.StringValue(b.pass)})
	}
	body, err = cl.conn.call(ctx, gfs.ProcSetVolume, func(p []byte) []byte {
		return gfs.AppendSetVolumeArgs(p, &gfs.SetVolumeArgs{Dict: d})
	})
	if err != nil {
		return err
	}
	r, err := gfs.ParseSetVolumeReply(body)
	if err == nil {
		err = r.Err()
	}
	if err == nil && cl.version == gfs.V400 {
		cl.conn.cred, err = xdrwire.NewAuthGlusterV3(xdrwire.GlusterCred{PID: int32(os.Getpid())})
	}
	return err
}

// Close ends the connection and with it the brick's hold on the files.
func (cl *Client) Close() error { return cl.conn.net.Close() }

// Syscalls is how many reads and writes of the connection there have been, and waits for
// it in Readable. Those of Go's runtime are not counted.
func (cl *Client) Syscalls() uint64 { return cl.conn.calls() }

// Interrupt makes everything under way and after it fail. It may be called from
// any goroutine.
func (cl *Client) Interrupt() { cl.conn.interrupt() }
