package compare

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/transport"
)

func TestValidate(t *testing.T) {
	good := Config{Servers: []string{ServerStub}, Protocols: []string{"nfs3"}, Blocks: []int{4096}, Depths: []int{1}, SizeBytes: 1 << 20, Conns: 1, Repeat: 1, Time: time.Second}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(*Config){
		"block size 4098":              func(c *Config) { c.Blocks = []int{4098} },
		"no more than the file":        func(c *Config) { c.Blocks = []int{2 << 20} },
		"0 reads of 4096":              func(c *Config) { c.Depths = []int{0} },
		"an empty list":                func(c *Config) { c.Protocols = nil },
		"0 connections":                func(c *Config) { c.Conns = 0 },
		"0 repetitions":                func(c *Config) { c.Repeat = 0 },
		"want at least 1ms":            func(c *Config) { c.Time = 1 },
		`no server is called "ftp"`:    func(c *Config) { c.Servers = []string{"ftp"} },
		`no protocol is called "smb"`:  func(c *Config) { c.Protocols = []string{"smb"} },
		`no contender is called "x:y"`: func(c *Config) { c.Contenders = []string{"x:y"} },
		"contender fio reads by protocol gluster, and nothing is read by that": func(c *Config) {
			c.Contenders, c.Protocols = []string{"uring", "fio"}, bothProtocols // the stub does not
		},
		"contender libnfs reads by protocol nfs3": func(c *Config) {
			c.Contenders, c.URL = []string{"libnfs"}, "gluster://host/volume/file"
		},
		"contender uring twice":  func(c *Config) { c.Contenders = []string{"uring", "uring"} },
		"want the URL of a file": func(c *Config) { c.URL = "gluster://host/volume" },
	} {
		c := good
		c.Contenders = slices.Clone(c.Contenders)
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
	for _, c := range []Config{
		{Servers: []string{ServerEmbedded, ServerStub}, Protocols: bothProtocols, Contenders: []string{"libnfs", "fio"}},
		{URL: "nfs://host/file", Contenders: []string{"peers", "libnfs"}},
	} {
		c.Blocks, c.Depths, c.SizeBytes, c.Conns, c.Repeat, c.Time = good.Blocks, good.Depths, good.SizeBytes, 1, 1, time.Second
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// Ours is the first contender, on whichever engine there is; it alone has to be there.
func TestFirstContender(t *testing.T) {
	for environment, want := range map[string]string{"uring": Uring, "poller": Poller} {
		t.Setenv(transport.EngineVariable, environment)
		list := (&Config{}).contenders()
		if list[0].Name != want || list[0].byGroup || len(list) != len(defaultWords) || defaultWords[0] != Uring {
			t.Errorf("%s: the first of %d is %s; by default %v", environment, len(list), list[0].Name, defaultWords)
		}
		for _, k := range list[1:] {
			if !k.byGroup {
				t.Errorf("%s has to be there", k.Name)
			}
		}
	}
}
