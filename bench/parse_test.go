package bench

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/transport"
)

func TestParseList(t *testing.T) {
	got, err := ParseList("4k, 128k,1m", ParseBlock)
	if diff := cmp.Diff([]int{4096, 131072, 1 << 20}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	plans, err := ParseList("auto,overlap", ParsePlan)
	if diff := cmp.Diff([]transport.Plan{transport.PlanAuto, transport.PlanOverlap}, plans); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	fixed, err := ParseList("auto,true,false", ParseFixed)
	if diff := cmp.Diff([]bool{false, true, false}, fixed); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, s := range []string{"4k,,1m", "", "65m"} {
		if got, err := ParseList(s, ParseBlock); err == nil {
			t.Errorf("ParseList(%q) = %v, want an error", s, got)
		}
	}
}

func TestValidate(t *testing.T) {
	c := DefaultConfig()
	if err := c.Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for want, change := range map[string]func(*Config){
		"block size 3":       func(c *Config) { c.Blocks = []int{3} },
		"larger than":        func(c *Config) { c.SizeBytes = 64 << 10 },
		"depth 0":            func(c *Config) { c.Depths = []int{4, 0} },
		"more memory":        func(c *Config) { c.Blocks, c.Depths = []int{64 << 20}, []int{17} },
		"empty list":         func(c *Config) { c.Engines = nil },
		"leaves nothing":     func(c *Config) { c.Protocols = nil },
		`protocol is called`: func(c *Config) { c.Protocols = []string{"nfs"} },
		"reads by protocol": func(c *Config) {
			c.Protocols, c.Engines = []string{ProtocolNFS3}, []string{EngineUring, EngineNetConn}
		},
		"0 files":            func(c *Config) { c.Files = 0 },
		"-1 reads per sec":   func(c *Config) { c.With2013, c.RatePerS = false, -1 },
		"has no rate":        func(c *Config) { c.RatePerS = 1 },
		"0 connections":      func(c *Config) { c.Conns = 0 },
		"0 repetitions":      func(c *Config) { c.Repeat = 0 },
		"is negative":        func(c *Config) { c.Time = -1 },
		`engine is called`:   func(c *Config) { c.Engines = []string{"uring", "x"} },
		"placement is calle": func(c *Config) { c.Placements = []string{"x"} },
		"pattern is called":  func(c *Config) { c.Patterns = []string{"x"} },
	} {
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestCrossProduct(t *testing.T) {
	c := DefaultConfig()
	c.Engines = []string{EngineUring, EngineNetConn}
	c.Plans = []transport.Plan{transport.PlanExact, transport.PlanOverlap}
	c.Fixed = []bool{false, true}
	// Two placements of four kinds of uring; net.Conn has but the placements.
	if got := len(c.ways()); got != 2*4+2 {
		t.Errorf("%d ways of reading, want 10", got)
	}
	c.Protocols = []string{ProtocolGluster, ProtocolNFS3}
	if got := len(c.ways()); got != 2*4+2+2*4 { // net.Conn reads by one of them
		t.Errorf("%d ways of reading by two protocols, want 18", got)
	}
	c.URLs = []string{"nfs://host/file"}
	if got := c.ways()[0].Protocol; got != ProtocolNFS3 {
		t.Errorf("an NFS URL is read by protocol %q", got)
	}
	c.Patterns = []string{PatternSeq, PatternRand}
	works := c.works()
	if got := len(works); got != 1+2*3*2 {
		t.Errorf("%d works, want 13", got)
	}
	if w := works[0]; w.Job != Job2013 || w.Depth() != 60 {
		t.Errorf("first comes %+v, want the job of 2013 with 60 reads in flight", w)
	}
}

func TestDefaultEndsWithinAMinute(t *testing.T) {
	c := DefaultConfig()
	n := time.Duration(len(c.works()) * len(c.ways()) * c.Repeat)
	total := n * c.timeEach() * 11 / 10
	if total < 30*time.Second || total > 45*time.Second {
		t.Errorf("%d measurements of %v take %v", n, c.timeEach(), total)
	}
	c.Time = time.Second
	if got := c.timeEach(); got != time.Second {
		t.Errorf("asked for 1s, takes %v", got)
	}
}
