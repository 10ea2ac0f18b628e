package server_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(processEnv) != "" { // see startProcess
		if err := serveProcess(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// Servers that tests started live as long as the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/ringreadv/ringreadv/ci/peers.(*Server).start.func1"))
}
