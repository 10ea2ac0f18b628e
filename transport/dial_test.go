package transport

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport/transporttest"
)

func TestPrivilegedPort(t *testing.T) {
	ports := make(chan int, 2)
	s := transporttest.Serve(t, func(p *transporttest.Peer) {
		ports <- p.RemoteAddr().(*net.TCPAddr).Port
		serveReads(p)
	})
	e := newEngine(t, Options{})
	for range 2 { // the second finds the first's port taken
		c, err := e.Dial(ctx, s.Address(), ConnOptions{PrivilegedPort: true})
		var denied *PrivilegeError
		if os.Getuid() != 0 {
			if !errors.As(err, &denied) {
				t.Error("without the privilege:", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		r := newRead(0, make([]byte, 10))
		if err := e.NewQueue(1).Do(ctx, r.on(c)); err != nil {
			t.Error(err)
		}
		if port := <-ports; port >= 1024 {
			t.Errorf("connected from port %d", port)
		}
	}
}

// Patience may be longer than the kernel's own.
func TestLongSilence(t *testing.T) {
	s := transporttest.Serve(t, serveReads)
	e := newEngine(t, Options{})
	conn, err := e.Dial(ctx, s.Address(), ConnOptions{Silence: 1000 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.NewQueue(1).Do(ctx, newRead(0, make([]byte, 10)).on(conn)); err != nil {
		t.Error(err)
	}
}
