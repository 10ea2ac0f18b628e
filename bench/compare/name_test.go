package compare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/bench/report"
)

// What each name has this uringbench, or another, read.
func TestOurNames(t *testing.T) {
	for name, want := range map[string]struct {
		way  report.Way
		args string
	}{
		"uring":               {report.Way{Engine: "uring", Placement: "direct", Plan: "auto"}, "--engine uring --plan auto"},
		"poller":              {report.Way{Engine: "poller", Placement: "direct", Plan: "auto"}, "--engine poller --plan auto"},
		"uring-copy":          {report.Way{Engine: "uring", Placement: "copy", Plan: "auto"}, "--engine uring --plan auto --placement copy"},
		"poller-copy":         {report.Way{Engine: "poller", Placement: "copy", Plan: "auto"}, "--engine poller --plan auto --placement copy"},
		"uring-fixed":         {report.Way{Engine: "uring", Placement: "direct", Plan: "auto", Fixed: true}, "--engine uring --plan auto --fixed"},
		"uring:exact":         {report.Way{Engine: "uring", Placement: "direct", Plan: "exact"}, "--engine uring --plan exact"},
		"uring-copy:staged":   {report.Way{Engine: "uring", Placement: "copy", Plan: "staged"}, "--engine uring --plan staged --placement copy"},
		"uring+50us":          {report.Way{Engine: "uring", Placement: "direct", Plan: "auto"}, "--engine uring --plan auto --moderation 50us"},
		"poller:exact+off":    {report.Way{Engine: "poller", Placement: "direct", Plan: "exact"}, "--engine poller --plan exact --moderation -1ns"},
		"uring:odd@/old/u-b":  {report.Way{Engine: "uring", Placement: "direct", Plan: "odd"}, "--engine uring --plan odd of /old/u-b"},
		"uring-copy+1ms@./ub": {report.Way{Engine: "uring", Placement: "copy", Plan: "auto"}, "--engine uring --plan auto --placement copy --moderation 1ms of ./ub"},
		"netconn-copy":        {report.Way{Engine: "netconn", Placement: "copy"}, "--engine netconn --placement copy"},
		"netconn-direct":      {report.Way{Engine: "netconn", Placement: "direct"}, "--engine netconn --placement direct"},
	} {
		way, flags, program, err := ourWay(name)
		args := strings.Join(flags, " ")
		if program != "" {
			args += " of " + program
		}
		if err != nil || way != want.way || args != want.args {
			t.Errorf("%s: %+v, %s, %v; want %+v", name, way, args, err, want)
		}
		if k, err := contenderOf(name); err != nil || k.Name != name || !k.ours || k.way(&Config{Conns: 7}).Conns != 7 || len(k.protocols) != 2 {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
	for name, says := range map[string]string{
		"magic": "there are uring, uring-copy", "uring:magic": `no plan is called "magic"`, "uring-direct": `uring has no placement "direct"`, "poller-fixed": `poller has no placement "fixed"`,
		"uring+soon": `"soon" is neither off nor a time`, "uring@": "which program?", "libnfs:exact": "there are", "netconn": "there are", "uring-": `no placement ""`, "": "there are", "engines:exact": "there are",
	} {
		if _, err := contenderOf(name); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), fmt.Sprintf("no contender is called %q", name)) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
	}
}

func TestOtherNames(t *testing.T) {
	for name, protocols := range map[string]string{"nfsloop": "nfs3", "libnfs": "nfs3", "libgfapi": "gluster", "fio": "gluster"} {
		k, err := contenderOf(name)
		want := report.Way{Name: name, Engine: name, Conns: 1, Unchecked: name == "fio"}
		if err != nil || k.ours || k.way(&Config{Conns: 7}) != want || strings.Join(k.protocols, ",") != protocols || k.fio != (name == "fio") {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
}

// Groups stand for their members, each once, and only who is named has to be there.
func TestGroups(t *testing.T) {
	for words, want := range map[string]string{
		"engines":           "uring? poller? netconn-direct?",
		"plans":             "uring? uring:exact? uring:overlap? uring:staged? uring:speculative?",
		"placements":        "uring? uring-copy? uring-fixed?",
		"peers":             "nfsloop? libnfs? libgfapi? fio?",
		"uring,peers":       "uring nfsloop? libnfs? libgfapi? fio?",
		"engines,uring":     "uring poller? netconn-direct?",
		"libnfs,peers":      "libnfs nfsloop? libgfapi? fio?",
		"engines,plans":     "uring? poller? netconn-direct? uring:exact? uring:overlap? uring:staged? uring:speculative?",
		"poller,placements": "poller uring? uring-copy? uring-fixed?",
		"all": "uring? poller? netconn-direct? uring:exact? uring:overlap? uring:staged? uring:speculative? uring-copy? uring-fixed? " +
			"netconn-copy? nfsloop? libnfs? libgfapi? fio?",
	} {
		list, err := parseContenders(strings.Split(words, ","))
		var got []string
		for _, k := range list {
			name := k.Name
			if k.byGroup {
				name += "?"
			}
			got = append(got, name)
		}
		if diff := cmp.Diff(strings.Fields(want), got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", words, err, diff)
		}
	}
	if _, err := parseContenders([]string{"engines", "uring", "uring"}); err == nil || err.Error() != "contender uring twice" {
		t.Error(err)
	}
}

// Every word that the help offers is understood, and a default that nobody can have
// would be none.
func TestWords(t *testing.T) {
	for _, w := range append(Names(), defaultWords...) {
		if _, err := parseContenders([]string{w}); err != nil {
			t.Error(err)
		}
	}
	for _, w := range Words {
		if (w.Meaning == "") != (len(w.Members) > 0 && w.Name != "peers") {
			t.Errorf("%s says nothing, or too much", w.Name)
		}
		if !strings.Contains(Help(), "\n  "+w.Name+" ") && !strings.HasPrefix(Help(), "  "+w.Name+" ") {
			t.Errorf("no %s in\n%s", w.Name, Help())
		}
	}
}
