package peers

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestGlusterSharedVolume(t *testing.T) {
	s := Gluster(t)
	v := s.Volume
	want := bytes.Repeat([]byte("ringreadv"), 1000)
	name := v.Put(t, v.Scratch(t)+"/dir/file", want)
	got, err := os.ReadFile(filepath.Join(v.Bricks[0].Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the brick holds %d bytes that differ from the %d written through the client", len(got), len(want))
	}
	for option, value := range glusterOptions {
		if out := s.CLI(t, "volume", "get", v.Name, option); !strings.Contains(out, " "+value) {
			t.Errorf("%s is not %s: %s", option, value, out)
		}
	}
}

func TestGlusterOpenFindsRunningServer(t *testing.T) {
	s := Gluster(t)
	other, err := openGluster(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Volume.Bricks[0].Addr(t), other.Volume.Bricks[0].Addr(t)); diff != "" {
		t.Error(diff)
	}
}

func TestGlusterVolumeKinds(t *testing.T) {
	s := Gluster(t)
	for _, tt := range []struct {
		name string
		spec VolumeSpec
		info string // in "volume info"
	}{
		{"distribute", VolumeSpec{Bricks: 2}, "Type: Distribute"},
		{"replicate", VolumeSpec{Replica: 3}, "Number of Bricks: 1 x 3 = 3"},
		{"arbiter", VolumeSpec{Replica: 3, Arbiter: 1}, "Number of Bricks: 1 x (2 + 1) = 3"},
		{"disperse", VolumeSpec{Disperse: 3, Redundancy: 1}, "Number of Bricks: 1 x (2 + 1) = 3"},
		{"shard", VolumeSpec{Options: map[string]string{"features.shard": "on"}}, "features.shard: on"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := s.CreateVolume(t, tt.spec)
			if out := s.CLI(t, "volume", "info", v.Name); !strings.Contains(out, tt.info) {
				t.Errorf("no %q in\n%s", tt.info, out)
			}
			v.Put(t, "/file", []byte("hello"))
			got, err := os.ReadFile(filepath.Join(v.Mount(t), "file"))
			if err != nil || string(got) != "hello" {
				t.Errorf("read back %q, %v", got, err)
			}
		})
	}
}

func TestGlusterBrickKillAndRestart(t *testing.T) {
	v := Gluster(t).CreateVolume(t, VolumeSpec{})
	b := v.Bricks[0]
	before := b.Addr(t)
	conn, err := net.Dial("tcp", before)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	b.Kill(t)
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection to the killed brick is still open: %v", err)
	}
	if c, err := net.Dial("tcp", before); err == nil {
		c.Close()
		t.Errorf("the killed brick still accepts connections")
	}

	v.Start(t)
	c, err := net.Dial("tcp", b.Addr(t))
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestGlusterListensOnItsLoopbackAddressOnly(t *testing.T) {
	s := Gluster(t)
	sockets, err := s.inside("ss", "-Hltnp")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(sockets) {
		if !strings.Contains(line, "gluster") {
			continue
		}
		found++
		if !strings.Contains(line, " "+s.Host+":") {
			t.Errorf("listens elsewhere: %s", line)
		}
	}
	if found < 2 {
		t.Errorf("%d listening sockets, want at least glusterd's and a brick's:\n%s", found, sockets)
	}
}

func TestGlusterStopLeavesNothing(t *testing.T) {
	Gluster(t) // skips where none can run
	s, err := StartGluster()
	if err != nil {
		t.Fatal(err)
	}
	if s.Host == Gluster(t).Host {
		t.Errorf("two servers share the address %s", s.Host)
	}
	s.Volume.Put(t, "/file", []byte("x"))
	addr := s.Volume.Bricks[0].Addr(t)
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("its directory is still there: %v", err)
	}
	if err := syscall.Kill(s.InitPID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("its process 1 is still there: %v", err)
	}
	for _, a := range []string{s.Addr(), addr} {
		if c, err := net.Dial("tcp", a); err == nil {
			c.Close()
			t.Errorf("%s still accepts connections", a)
		}
	}
}
