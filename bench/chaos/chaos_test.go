package chaos

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/server"
	"github.com/ringreadv/ringreadv/transport/faults"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// Servers that tests started live as long as the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/ringreadv/ringreadv/ci/peers.(*Server).start.func1"))
}

// serve starts the embedded server in this process and returns its URLs of the
// volume, by protocol.
func serve(t *testing.T, tree server.Tree) map[string]string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Options{Tree: tree, Shuffle: 1})
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-done
		tree.Close()
	})
	urls := make(map[string]string)
	for _, p := range []server.Protocol{server.Gluster, server.NFS3} {
		urls[string(p)] = s.URL(p, l.Addr(), "")
	}
	return urls
}

// leg runs one against files made up for it.
func testLeg(t *testing.T, c Config, protocol string) *Leg {
	t.Helper()
	c.Files, c.SizeBytes = 2, 3<<20+1234
	tree, err := server.Synthetic(bench.SyntheticFiles(c.Files, c.SizeBytes))
	if err != nil {
		t.Fatal(err)
	}
	s := embedded(serve(t, tree), protocol, &c)
	r := Report{Seed: c.Seed}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.add(ctx, &c, s, c.Time, &bench.Console{}); err != nil {
		t.Fatal(err)
	}
	return &r.Legs[0]
}

var protocols = []string{bench.ProtocolGluster, bench.ProtocolNFS3}

func TestNothingIsBroken(t *testing.T) {
	for i, protocol := range protocols {
		l := testLeg(t, Config{Time: 2 * time.Second, Seed: uint64(i)}, protocol)
		if err := (&Report{Legs: []Leg{*l}}).Err(); err != nil || !l.Good() {
			t.Errorf("%+v: %v", l, err)
		}
		if l.Verified == 0 || sum(l.Faults) == 0 || l.Reconnects == 0 || l.Resends == 0 || l.Calls == 0 || l.Volumes < 3 {
			t.Errorf("%s: too little happened: %+v", protocol, l)
		}
		if l.Reads != l.Verified+sum(l.Failed) {
			t.Errorf("%s: %d reads, of which %d verified and %v failed", protocol, l.Reads, l.Verified, l.Failed)
		}
	}
}

// Without faults nothing fails but what is cancelled, out of time by its own will,
// or of a volume that is closed. A machine that stands still for half a second may
// cost connections, which FailFast tells of.
func TestHonest(t *testing.T) {
	for _, protocol := range protocols {
		l := testLeg(t, Config{Time: 500 * time.Millisecond, script: faults.Always()}, protocol)
		for _, expected := range []string{failDeadline, failCancelled, failClosed, failFast} {
			delete(l.Failed, expected)
		}
		if !l.Good() || len(l.Failed) > 0 || sum(l.Faults) > 0 || l.UnknownReplies > l.Pings {
			t.Errorf("%+v", l)
		}
	}
}

// A lie that no client can find out is found out here.
func TestWrongBytesAreSeen(t *testing.T) {
	var lies []faults.Fault
	for at := range int64(20) {
		lies = append(lies, faults.Fault{Kind: faults.Corrupt, At: at << 14, Field: faults.FieldPayload})
	}
	for _, protocol := range protocols {
		l := testLeg(t, Config{Time: 500 * time.Millisecond, script: faults.Always(lies...)}, protocol)
		if n := l.Breaches[breachNames[wrongBytes]]; n == 0 || l.Good() || sum(l.Breaches) != n {
			t.Errorf("%s: %v", protocol, l.Breaches)
		}
		err := (&Report{Legs: []Leg{*l}, Seed: 99}).Err()
		if err == nil || !strings.Contains(err.Error(), "wrong bytes: file") || !strings.Contains(err.Error(), "seed was 99") {
			t.Errorf("%s: %v", protocol, err)
		}
	}
}

// A file and a directory of a URL, the file longer than what is read of it.
func TestRemote(t *testing.T) {
	dir := t.TempDir()
	content := bytes.Repeat([]byte("0123456789abcde"), 50_000)
	for name, b := range map[string][]byte{"a": content, "b": content[:1], "empty": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := server.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	urls := serve(t, tree)
	for _, protocol := range protocols {
		file, err := bench.ChildURL(urls[protocol], "a")
		if err != nil {
			t.Fatal(err)
		}
		for url, files := range map[string]int{urls[protocol]: 2, file: 1} {
			c := Config{URL: url, Time: 150 * time.Millisecond, Files: 5, SizeBytes: 500_000}
			r, err := Run(t.Context(), c, &bench.Console{})
			if err != nil {
				t.Fatalf("%s: %v", url, err)
			}
			if err := r.Err(); err != nil || len(r.Legs) != 1 || r.Legs[0].Files != files || r.Legs[0].Protocol != protocol {
				t.Errorf("%s: %+v, %v", url, r.Legs, err)
			}
		}
		empty, err := bench.ChildURL(urls[protocol], "empty")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), Config{URL: empty, Time: 1, Files: 1, SizeBytes: 1}, &bench.Console{}); err == nil {
			t.Error("an empty file was read")
		}
	}
}
