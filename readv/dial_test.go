package readv

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// All connections come from Options.Dial; only it knows where the server is.
func TestDialFunction(t *testing.T) {
	for _, url := range []string{(&brick{size: fakeSize}).serve(t), new(nas).serve(t)} {
		var count atomic.Int32
		v := dialTest(t, strings.Replace(url, "127.0.0.1", "storage.invalid", 1), &Options{
			Conns: 3,
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				count.Add(1)
				var d net.Dialer
				return d.DialContext(ctx, network, strings.Replace(address, "storage.invalid", "127.0.0.1", 1))
			},
		})
		checkRead(t, open(t, v, "file"))
		if n := count.Load(); n != 4 { // with glusterd, or MOUNT
			t.Errorf("%s: %d connections", url, n)
		}
	}
}
