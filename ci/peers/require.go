package peers

import (
	"os"
	"testing"

	"github.com/ringreadv/ringreadv/ci/skip"
)

// RequireEnv names the environment variable that turns a missing peer from a
// skip into a failure when it is set to 1.
const RequireEnv = "RINGREADV_REQUIRE_PEERS"

// missing ends the test: this machine cannot run the peer.
func missing(t testing.TB, reason error) {
	t.Helper()
	if os.Getenv(RequireEnv) == "1" {
		t.Fatalf("%s=1: %v", RequireEnv, reason)
	}
	skip.For(t, skip.Machine, reason)
}
