package peers

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// VolumeSpec says what kind of volume to make. The zero value is one brick.
type VolumeSpec struct {
	Bricks     int               // 0 means as many as one subvolume of the kind needs
	Replica    int               // copies of each file; 0 means no replication
	Arbiter    int               // 1: the last of Replica keeps no data
	Disperse   int               // bricks over which each file is erasure coded; 0 means none
	Redundancy int               // bricks of Disperse that may fail
	Options    map[string]string // as for "gluster volume set"; these override the defaults
}

// glusterOptions are the options every volume gets: clients from ports above
// 1023 are let in, and the caches that would stand between a client and the
// brick are off.
var glusterOptions = map[string]string{
	"server.allow-insecure":     "on",
	"performance.read-ahead":    "off",
	"performance.write-behind":  "off",
	"performance.io-cache":      "off",
	"performance.quick-read":    "off",
	"performance.stat-prefetch": "off",
}

// Volume is a started volume.
type Volume struct {
	Name   string
	Bricks []*Brick // in the order in which glusterd numbers them
	Shared bool     // used by other tests too: not to be stopped, nor its bricks

	server *GlusterServer
}

// CreateVolume makes and starts a volume for this test alone; it is deleted
// when the test ends.
func (s *GlusterServer) CreateVolume(t testing.TB, spec VolumeSpec) *Volume {
	t.Helper()
	name := fmt.Sprintf("v%d-%d", os.Getpid(), volumeCount.Add(1))
	v, err := s.createVolume(name, spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.delete(); err != nil {
			t.Error(err)
		}
	})
	return v
}

var volumeCount atomic.Int64

func (s *GlusterServer) makeSharedVolume() error {
	v, err := s.createVolume("shared", VolumeSpec{})
	if err != nil {
		return err
	}
	v.Shared = true
	s.Volume = v
	return saveServer(s.Dir, s)
}

func (s *GlusterServer) createVolume(name string, spec VolumeSpec) (*Volume, error) {
	v := &Volume{Name: name}
	for i := range max(1, spec.Bricks, spec.Replica, spec.Disperse) {
		dir := filepath.Join(s.Dir, "bricks", fmt.Sprintf("%s.%d", name, i))
		v.Bricks = append(v.Bricks, &Brick{Dir: dir})
	}
	v.adopt(s)

	if _, err := s.cli(v.createArgs(spec)...); err != nil {
		return nil, err
	}
	options := maps.Clone(glusterOptions)
	maps.Copy(options, spec.Options)
	set := []string{"volume", "set", name}
	for _, key := range slices.Sorted(maps.Keys(options)) {
		set = append(set, key, options[key])
	}
	if _, err := s.cli(set...); err != nil {
		return nil, err
	}
	return v, v.start()
}

func (v *Volume) createArgs(spec VolumeSpec) []string {
	args := []string{"volume", "create", v.Name}
	for _, kind := range []struct {
		word  string
		count int
	}{
		{"replica", spec.Replica},
		{"arbiter", spec.Arbiter},
		{"disperse", spec.Disperse},
		{"redundancy", spec.Redundancy},
	} {
		if kind.count > 0 {
			args = append(args, kind.word, strconv.Itoa(kind.count))
		}
	}
	for _, b := range v.Bricks {
		args = append(args, b.String())
	}
	// Bricks of one subvolume on one server need it.
	return append(args, "force")
}

// adopt ties the volume and its bricks to their server.
func (v *Volume) adopt(s *GlusterServer) {
	v.server = s
	for _, b := range v.Bricks {
		b.volume = v
	}
}

// Start starts the volume again after Stop, or the bricks that died.
func (v *Volume) Start(t testing.TB) {
	t.Helper()
	if err := v.start(); err != nil {
		t.Fatal(err)
	}
}

// start returns when every brick accepts connections.
func (v *Volume) start() error {
	if _, err := v.server.cli("volume", "start", v.Name, "force"); err != nil {
		return err
	}
	for _, b := range v.Bricks {
		if err := b.waitUp(); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the volume's bricks.
func (v *Volume) Stop(t testing.TB) {
	t.Helper()
	v.mustOwn(t)
	v.server.CLI(t, "volume", "stop", v.Name, "force")
}

// delete also takes a volume that is stopped already.
func (v *Volume) delete() error {
	if mnt := v.mountPoint(); v.mounted() {
		if _, err := v.server.inside("umount", "-l", mnt); err != nil {
			return err
		}
	}
	// Fails when it is stopped; then delete succeeds and is the judge.
	v.server.cli("volume", "stop", v.Name, "force")
	if _, err := v.server.cli("volume", "delete", v.Name); err != nil {
		return err
	}
	for _, b := range v.Bricks {
		if err := os.RemoveAll(b.Dir); err != nil {
			return err
		}
	}
	return nil
}

func (v *Volume) mustOwn(t testing.TB) {
	t.Helper()
	if v.Shared {
		t.Fatalf("volume %s is shared with other tests: take one from CreateVolume to stop it", v.Name)
	}
}

// Mount returns a directory in which GlusterFS's own client shows the volume.
func (v *Volume) Mount(t testing.TB) string {
	t.Helper()
	dir, err := v.mount()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (v *Volume) mount() (dir string, err error) {
	unlock, err := v.server.lock("mount")
	if err != nil {
		return "", err
	}
	defer unlock()
	mnt := v.mountPoint()
	if !v.mounted() {
		if err := os.MkdirAll(mnt, 0o755); err != nil {
			return "", err
		}
		if _, err := v.server.inside("mount", "-t", "glusterfs", v.server.Host+":/"+v.Name, mnt); err != nil {
			return "", err
		}
	}
	return v.server.seen(mnt), nil
}

func (v *Volume) mountPoint() string {
	return filepath.Join(v.server.Dir, "mnt", v.Name)
}

func (v *Volume) mounted() bool {
	var fs unix.Statfs_t
	err := unix.Statfs(v.server.seen(v.mountPoint()), &fs)
	return err == nil && fs.Type == unix.FUSE_SUPER_MAGIC
}

// Put writes a file through GlusterFS's own client, so that it carries every
// attribute a real file of such a volume has, and returns its path. Parent
// directories are made as needed.
func (v *Volume) Put(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(v.Mount(t), name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// Scratch makes a directory for this test's files, removed when the test
// ends, and returns its path in the volume: on the shared volume other tests
// may use the same file names.
func (v *Volume) Scratch(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(v.Mount(t), "test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path.Join("/", filepath.Base(dir))
}
