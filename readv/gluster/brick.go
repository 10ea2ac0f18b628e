package gluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ringreadv/ringreadv/readv/internal/backend"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/xdrwire/gfs"
)

// brick makes a volume's connections to its brick, the first ones and those that
// replace lost ones: a brick that was started again listens on another port.
type brick struct {
	session
	volume *Volume
	client *translator // of the brick, from the volfile
	server string      // address of the glusterd that gave it

	mu      sync.Mutex
	address string    // where the brick listens, as far as known
	asked   time.Time // when; zero if it did not listen there any more
	version uint32    // of the file operations; 0 before the first connection
}

// askAgainAfter is how long an answer of the portmapper holds: the links to a
// brick are lost together, and restored with one question.
const askAgainAfter = time.Second

// askTimeout bounds a question whose answer may be what is known already.
const askTimeout = 2 * time.Second

// locate gives the brick's address. While no glusterd answers, it is the last that
// is known.
func (b *brick) locate(ctx context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.asked) < askAgainAfter {
		return b.address, nil
	}
	if b.address != "" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askTimeout)
		defer cancel()
	}
	address, err := b.session.address(ctx, b.client, b.server)
	if err == nil {
		b.address, b.asked = address, time.Now()
	} else if b.address == "" {
		return "", err
	}
	return b.address, nil
}

// Connect implements backend.Connector: it opens a connection and binds it to the
// brick's export.
func (b *brick) Connect(ctx context.Context, e *transport.Engine, o transport.ConnOptions) (*backend.Conn, error) {
	address, err := b.locate(ctx)
	if err != nil {
		return nil, err
	}
	o.Ping = gfs.ProcPing
	c, err := backend.Dial(ctx, e, address, o)
	if err != nil {
		b.mu.Lock()
		b.asked = time.Time{}
		b.mu.Unlock()
		return nil, fmt.Errorf("gluster: connecting to brick %s: %w", b.client.options["remote-subvolume"], err)
	}
	err = b.agree(ctx, c)
	if err == nil {
		err = b.setVolume(ctx, c, b.client)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// agree settles the version of the file operations, which holds for all of the
// volume's connections.
func (b *brick) agree(ctx context.Context, c *backend.Conn) error {
	version, err := b.session.version(ctx, c)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.version == 0 {
		b.version = version
	}
	if version != b.version {
		return fmt.Errorf("gluster: %s speaks version %d of the file operations now, not %d as before; dial the volume again", c.Peer(), version, b.version)
	}
	return nil
}

// Renew implements backend.Connector: files that are open get a descriptor on the
// new connection. One that cannot be opened any more fails its reads from now on.
func (b *brick) Renew(ctx context.Context, l *backend.Link, c *backend.Conn) error {
	for _, f := range b.volume.files.list() {
		if err := f.renewOn(ctx, l, c); err != nil {
			return err
		}
	}
	return nil
}
