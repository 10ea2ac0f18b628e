package readv

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// A GlusterFS server that tests started lives as long as the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/ringreadv/ringreadv/ci/peers.(*Server).start.func1"))
}
