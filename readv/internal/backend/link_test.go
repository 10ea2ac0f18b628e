package backend

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/ring"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/ringreadv/ringreadv/transport/transporttest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// plainConnector is a protocol without a handshake.
type plainConnector struct {
	address string
	renew   func(*Conn) error
}

func (p *plainConnector) Connect(ctx context.Context, e *transport.Engine, o transport.ConnOptions) (*Conn, error) {
	return Dial(ctx, e, p.address, o)
}

func (p *plainConnector) Renew(_ context.Context, _ *Link, c *Conn) error { return p.renew(c) }

// again is a Resender.
type again struct{ *Conns }

func (a again) Resend(c *transport.Call) error {
	c.Conn = a.Pick(0, 1).Conn().Conn
	return nil
}

var procEcho = xdrwire.Procedure{Prog: 0x20000001, Vers: 1, Proc: 2}

// What comes between a new connection and its renewal does not leave a call behind.
func TestRenewal(t *testing.T) {
	for name, first := range map[string]func(*Conn) error{
		"the connection is lost unseen": func(c *Conn) error {
			r := RPC{Timeout: 5 * time.Second}
			_, _ = r.Call(context.Background(), c, procEcho, nil) // has the server end it
			for c.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(2 * time.Millisecond)
			return nil
		},
		"an error of a connection that lives": func(*Conn) error { return context.DeadlineExceeded },
	} {
		t.Run(name, func(t *testing.T) {
			var accepted atomic.Int32
			s := transporttest.Serve(t, func(p *transporttest.Peer) {
				for ends := accepted.Add(1) <= 2; ; {
					call, err := p.Call()
					if err != nil || ends {
						return
					}
					p.Write(transporttest.Accepted(call.XID))
				}
			})
			e, err := transport.NewEngine(transport.Options{CloseTimeout: 100 * time.Millisecond})
			var forbidden *ring.ForbiddenError
			if errors.As(err, &forbidden) {
				skip.Forbidden(t, err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			conns := NewConns([]*transport.Engine{e}, ConnsOptions{Count: 1, Logger: slog.New(slog.DiscardHandler)})
			defer conns.Stop()
			renewals := 0
			err = conns.Connect(context.Background(), &plainConnector{s.Address(), func(c *Conn) error {
				if renewals++; renewals == 1 {
					return first(c)
				}
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			call := &transport.Call{Conn: conns.Any().Conn().Conn, Procedure: procEcho, Resend: again{conns}}
			call.Deadline = time.Now().Add(10 * time.Second)
			if err := e.NewQueue(1).Do(context.Background(), call); err != nil {
				t.Error(err)
			}
		})
	}
}
