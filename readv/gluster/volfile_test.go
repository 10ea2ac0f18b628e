package gluster

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// The stacks of real volumes as glusterd 10.3 hands them out, shortened to what
// decides.
const clients = `
volume c0
  type protocol/client
  option remote-host h
  option remote-subvolume /brick
end-volume
volume c1
  type protocol/client
end-volume
`

func TestOneBrickVolfile(t *testing.T) {
	spec, err := os.ReadFile("testdata/one-brick.vol")
	if err != nil {
		t.Fatal(err)
	}
	top, err := parseVolfile(string(spec))
	if err != nil {
		t.Fatal(err)
	}
	if top.name != "shared" || top.kind != "debug/io-stats" {
		t.Errorf("top is %s of type %s", top.name, top.kind)
	}
	brick, err := brickOf("shared", top)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"remote-host": "127.0.0.1", "remote-subvolume": "/bricks/shared.0", "ping-timeout": "42", "send-gids": "true",
	} {
		if got := brick.options[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestRefusedVolumes(t *testing.T) {
	for _, c := range []struct{ spec, translator string }{
		{"volume d\ntype cluster/distribute\nsubvolumes c0 c1\nend-volume", "cluster/distribute"},
		{"volume r\ntype cluster/replicate\nsubvolumes c0 c1\nend-volume", "cluster/replicate"},
		{"volume e\ntype cluster/disperse\nsubvolumes c0 c1\nend-volume", "cluster/disperse"},
		{"volume s\ntype features/shard\nsubvolumes c0\nend-volume", "features/shard"},
		{"volume x\ntype features/cloudsync\nsubvolumes c0\nend-volume", "features/cloudsync"},
		{"volume x\ntype cluster/distribute\nsubvolumes c0\nend-volume\nvolume y\ntype features/cdc\nsubvolumes x\nend-volume", "features/cdc"},
		{"volume p\ntype performance/io-cache\nsubvolumes c0 c1\nend-volume", "performance/io-cache"},
		{"volume t\ntype protocol/client\noption transport.socket.ssl-enabled on\nend-volume", "protocol/client"},
	} {
		top, err := parseVolfile(clients + c.spec)
		if err != nil {
			t.Fatal(err)
		}
		_, err = brickOf("v", top)
		var refused *UnsupportedVolumeError
		if !errors.As(err, &refused) || refused.Translator != c.translator || refused.Volume != "v" {
			t.Errorf("%s: %v", c.translator, err)
		}
	}
}

func TestBadVolfiles(t *testing.T) {
	for _, spec := range []string{
		"", "# nothing", "volume a", "volume a\nend-volume", "type x", "volume a\nvolume b", "volume a\ntype t\nsubvolumes a\nend-volume",
		"volume a\ntype t\nsubvolumes\nend-volume", "volume a\ntype t\noption\nend-volume", "volume a\ntype t\nfoo bar\nend-volume", "end-volume",
		"volume a b\ntype t\nend-volume",
	} {
		if top, err := parseVolfile(spec); err == nil {
			t.Errorf("%q gave %+v", spec, top)
		}
	}
}

// What a volfile costs is bounded by its length, and an error quotes the start of
// a line.
func TestHugeVolfiles(t *testing.T) {
	const size = 4 << 20
	for name, spec := range map[string]string{
		"empty lines": strings.Repeat("\n", size),
		"one line":    strings.Repeat("\x01", size),
		"words":       "volume a\ntype t\n" + strings.Repeat("w ", size/2),
		"subvolumes":  "volume a\ntype t\nend-volume\nvolume b\ntype t\nsubvolumes" + strings.Repeat(" a", size/2),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parseVolfile(spec)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 40*size || name == "empty lines" && n > size {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: an error of %d bytes", name, len(fmt.Sprint(err)))
		}
	}
}

func FuzzVolfile(f *testing.F) {
	if spec, err := os.ReadFile("testdata/one-brick.vol"); err == nil {
		f.Add(string(spec))
	}
	f.Add(clients)
	f.Fuzz(func(t *testing.T, spec string) {
		top, err := parseVolfile(spec)
		if err != nil {
			return
		}
		// The graph is finite: every subvolume came before its parent, so the
		// walk to the brick ends.
		if b, err := brickOf("v", top); err == nil && (b.kind != "protocol/client" || !strings.Contains(spec, b.name)) {
			t.Errorf("brick %+v", b)
		}
	})
}
