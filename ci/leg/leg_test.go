// Package leg proves that a leg of ci/test is what its name says: a flag lost
// on the way to go test would otherwise go unnoticed for good.
package leg

import (
	"flag"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
)

func TestLegCarriesItsFlags(t *testing.T) {
	leg := os.Getenv("RINGREADV_LEG")
	if leg == "" {
		skip.For(t, skip.Run, "RINGREADV_LEG is not set: not a leg of ci/test")
	}
	if want := leg == "race"; raceEnabled != want {
		t.Errorf("leg %s: race detector %v, want %v", leg, raceEnabled, want)
	}
	if want := leg == "invariants"; invariantsEnabled != want {
		t.Errorf("leg %s: build tag invariants %v, want %v", leg, invariantsEnabled, want)
	}
	if flag.Lookup("test.shuffle").Value.String() == "off" {
		t.Error("tests are not shuffled")
	}
	for _, name := range []string{peers.RequireEnv, peers.GlusterEnv, peers.GaneshaEnv, peers.GaneshaGlusterEnv} {
		if os.Getenv(name) == "" {
			t.Errorf("%s is not set", name)
		}
	}
	if got := os.Getenv("GOPROXY"); got != "off" {
		t.Errorf("GOPROXY=%s, want off", got)
	}
}

func TestLegRunsInItsOwnNetwork(t *testing.T) {
	if os.Getenv("RINGREADV_LEG") == "" {
		skip.For(t, skip.Run, "RINGREADV_LEG is not set: not a leg of ci/test")
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 && i.Flags&net.FlagLoopback == 0 {
			t.Errorf("interface %s is up", i.Name)
		}
	}
	control, err := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(control)); got != "reno" {
		t.Errorf("congestion control %s, want reno", got)
	}
}
