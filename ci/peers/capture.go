package peers

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Capturing records the packets between a test and its servers, for tshark to
// judge: what a second implementation of the protocol makes of them.
type Capturing struct {
	file    string
	client  string // whose packets, if only one's
	ports   []string
	marker  *marker
	dumpcap *exec.Cmd
	stderr  *bytes.Buffer
}

// Capture starts recording everything sent to and from the given host:port
// addresses on the loopback interface. It returns when the recording runs;
// [Capturing.Decode] ends it.
func Capture(t testing.TB, addrs ...string) *Capturing {
	t.Helper()
	return capture(t, "", addrs)
}

// CaptureOwn is Capture of nothing but the connections that [Capturing.Dial] makes:
// the clients of other tests, and the servers' own, ask the same servers whenever
// they like.
func CaptureOwn(t testing.TB, addrs ...string) *Capturing {
	t.Helper()
	client, err := freeLoopbackAddress(0)
	if err != nil {
		t.Fatal(err)
	}
	return capture(t, client, addrs)
}

// Dial connects from the address whose packets are recorded.
func (c *Capturing) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(c.client)}}
	return d.DialContext(ctx, network, address)
}

func capture(t testing.TB, client string, addrs []string) *Capturing {
	t.Helper()
	for _, program := range []string{"dumpcap", "tshark"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, unsupported("tshark is not installed: %v", err))
		}
	}
	if os.Geteuid() != 0 {
		missing(t, unsupported("capturing packets needs root"))
	}
	filters := make([]string, len(addrs))
	c := &Capturing{file: filepath.Join(t.TempDir(), "capture.pcapng"), client: client, stderr: new(bytes.Buffer)}
	for i, addr := range addrs {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		filters[i] = fmt.Sprintf("(host %s and port %s)", host, port)
		c.ports = append(c.ports, port)
	}
	filter := strings.Join(filters, " or ")
	if client != "" {
		filter = fmt.Sprintf("host %s and (%s)", client, filter)
	}
	var err error
	if c.marker, err = newMarker(client, addrs[0]); err != nil {
		t.Fatal(err)
	}
	c.dumpcap = exec.Command("dumpcap", "-q", "-i", "lo", "-B", "64", "-w", c.file,
		"-f", filter)
	c.dumpcap.Stderr = c.stderr
	if err := c.dumpcap.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.dumpcap.Process.Kill() // no-op after Decode
		c.dumpcap.Wait()
	})
	if err := c.sync(); err != nil {
		t.Fatal(err)
	}
	return c
}

// sync returns when all that was sent before it is in the file.
func (c *Capturing) sync() error {
	deadline := time.Now().Add(startTimeout)
	mark := []byte(rand.Text())
	for time.Now().Before(deadline) {
		if err := c.marker.send(mark); err != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
		text, err := os.ReadFile(c.file)
		if err == nil && bytes.Contains(text, mark) {
			return nil
		}
	}
	return fmt.Errorf("dumpcap records nothing: %s", c.stderr)
}

// stop ends the recording with nothing lost.
func (c *Capturing) stop() error {
	if err := c.sync(); err != nil {
		return err
	}
	if err := c.dumpcap.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := errors.Join(c.dumpcap.Wait(), c.marker.close())
	// "Packets received/dropped on interface 'Loopback: lo': 117/0 (...)"
	if !strings.Contains(c.stderr.String(), "/0 (pcap:0/dumpcap:0/") {
		err = errors.Join(err, errors.New("dumpcap dropped packets"))
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, c.stderr)
	}
	return nil
}

// marker sends datagrams that pass the capture filter, to be looked for in
// the file. Nobody listens; the socket is not connected, so that it does not
// care.
type marker struct {
	conn net.PacketConn
	to   *net.UDPAddr
}

func newMarker(client, addr string) (*marker, error) {
	to, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenPacket("udp", net.JoinHostPort(cmp.Or(client, "127.0.0.1"), "0"))
	return &marker{conn, to}, err
}

func (m *marker) send(text []byte) error {
	_, err := m.conn.WriteTo(text, m.to)
	return err
}

func (m *marker) close() error { return m.conn.Close() }
