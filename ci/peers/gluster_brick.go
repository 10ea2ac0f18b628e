package peers

import (
	"encoding/xml"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Brick is one storage process of a volume.
type Brick struct {
	Dir string // the files as the brick keeps them

	volume *Volume
}

// String is the brick's name in the CLI: host:directory.
func (b *Brick) String() string {
	return b.volume.server.Host + ":" + b.Dir
}

// Addr is the host:port at which the brick now listens; glusterd may choose
// another port each time the brick starts.
func (b *Brick) Addr(t testing.TB) string {
	t.Helper()
	st, err := b.status()
	if err != nil {
		t.Fatal(err)
	}
	if !st.online() {
		t.Fatalf("brick %s is not running", b)
	}
	return net.JoinHostPort(b.volume.server.Host, st.Port)
}

// Signal sends the brick process a signal. SIGSTOP makes a server that is
// silent but connected, SIGCONT wakes it.
func (b *Brick) Signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if _, err := b.volume.server.inside("kill", "-"+strconv.Itoa(int(sig)), b.pid(t)); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the brick process at once and returns when it is gone.
// [Volume.Start] starts it again.
func (b *Brick) Kill(t testing.TB) {
	t.Helper()
	if err := b.volume.server.kill(b.pid(t)); err != nil {
		t.Fatalf("brick %s: %v", b, err)
	}
}

// pid is the number in the server's namespace of a brick process that is this
// test's own.
func (b *Brick) pid(t testing.TB) string {
	t.Helper()
	b.volume.mustOwn(t)
	st, err := b.status()
	if err != nil {
		t.Fatal(err)
	}
	if !st.online() {
		t.Fatalf("brick %s is not running", b)
	}
	return st.PID
}

func (b *Brick) waitUp() error {
	deadline := time.Now().Add(startTimeout)
	for {
		st, err := b.status()
		if err != nil {
			return err
		}
		if st.online() {
			port, err := strconv.Atoi(st.Port)
			if err != nil {
				return err
			}
			return b.volume.server.waitListening(port)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("brick %s is not online after %v", b, startTimeout)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// brickStatus is one node of "volume status --xml".
type brickStatus struct {
	Path   string `xml:"path"`
	Status string `xml:"status"`
	Port   string `xml:"port"`
	PID    string `xml:"pid"`
}

func (st brickStatus) online() bool { return st.Status == "1" }

func (b *Brick) status() (brickStatus, error) {
	text, err := b.volume.server.cli("--xml", "volume", "status", b.volume.Name)
	if err != nil {
		return brickStatus{}, err
	}
	var reply struct {
		Nodes []brickStatus `xml:"volStatus>volumes>volume>node"`
	}
	if err := xml.Unmarshal([]byte(text), &reply); err != nil {
		return brickStatus{}, err
	}
	for _, st := range reply.Nodes {
		if st.Path == b.Dir {
			return st, nil
		}
	}
	return brickStatus{}, fmt.Errorf("no brick %s in\n%s", b, text)
}
