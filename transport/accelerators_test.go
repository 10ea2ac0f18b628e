package transport

import (
	"strings"
	"testing"
)

func TestParseAccelerators(t *testing.T) {
	for set := range AllAccelerators + 1 {
		if got, err := ParseAccelerators(set.String()); got != set || err != nil {
			t.Fatalf("%q: %v, %v", set, got, err)
		}
	}
	if got, err := ParseAccelerators(" poll-first , ext-arg,poll-first"); got != PollFirst|BoundedWait || err != nil {
		t.Error(got, err)
	}
	if got, err := ParseAccelerators("all"); got != AllAccelerators || err != nil {
		t.Error(got, err)
	}
	for _, s := range []string{"poll_first", "poll-first,", ",", "io-uring", "wait-all poll-first"} {
		if got, err := ParseAccelerators(s); err == nil || !strings.Contains(err.Error(), "poll-first, low-water") {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

// What the program does without and what the environment does without add up, on
// both kinds of engine.
func TestAcceleratorsSwitchedOff(t *testing.T) {
	for _, kind := range []EngineKind{EngineAuto, EnginePoller} {
		t.Setenv(WithoutVariable, "")
		there := newEngine(t, Options{Engine: kind}).Accelerators()
		if must := BoundedWait | LowWater | TCPInfo; there&must != must {
			t.Errorf("%v goes by %v", kind, there)
		}
		t.Setenv(WithoutVariable, "wait-all, ext-arg")
		if got, want := newEngine(t, Options{Engine: kind, Without: LowWater | BoundedWait}).Accelerators(),
			there&^(WaitAll|BoundedWait|LowWater|PollFirst); got != want {
			t.Errorf("%v goes by %v, want %v", kind, got, want)
		}
		t.Setenv(WithoutVariable, "all")
		if got := newEngine(t, Options{Engine: kind}).Accelerators(); got != 0 {
			t.Errorf("%v goes by %v", kind, got)
		}
	}
	t.Setenv(WithoutVariable, "epoll")
	if _, err := NewEngine(Options{}); err == nil || !strings.Contains(err.Error(), WithoutVariable) {
		t.Error("an unknown word in the environment:", err)
	}
}

// What takes another falls with it, and what falls takes others along.
func TestStandingAccelerators(t *testing.T) {
	for set, want := range map[Accelerators]Accelerators{
		AllAccelerators:                AllAccelerators,
		AllAccelerators &^ TCPInfo:     BoundedWait | BufferTable | ReadFixed | ReadvFixed | CancelBytes,
		AllAccelerators &^ LowWater:    AllAccelerators &^ (LowWater | PollFirst),
		AllAccelerators &^ CancelBytes: AllAccelerators &^ (CancelBytes | WaitAll),
		AllAccelerators &^ BufferTable: AllAccelerators &^ (BufferTable | ReadFixed | ReadvFixed),
		PollFirst | WaitAll | TCPInfo:  TCPInfo,
	} {
		if got := set.standing(); got != want {
			t.Errorf("of %v stand %v, want %v", set, got, want)
		}
	}
}

// Every accelerator is a rung of the ladder, the features that are none are said not
// to be used, and what is off says by what.
func TestLadder(t *testing.T) {
	t.Setenv(WithoutVariable, "wait-all")
	t.Setenv(EngineVariable, "")
	l, err := NewLadder(Options{Without: PollFirst, Plan: PlanExact})
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, Options{Without: PollFirst})
	uses := e.Accelerators()
	var found Accelerators
	for _, r := range l.Rungs {
		a, err := parseAccelerator(r.Key)
		found |= a
		if r.Use == "" || r.Name == "" || r.Since == "" || r.Used != strings.HasPrefix(r.Use, "used: ") {
			t.Errorf("%+v", r)
		}
		if notUsed := strings.HasPrefix(r.Use, "not used"); notUsed != (err != nil && r.Key != ringKey) {
			t.Errorf("%+v", r)
		}
		if want := map[Accelerators]string{WaitAll: "by the environment", PollFirst: "by an option"}[a]; r.Off != want {
			t.Errorf("%s is off %q, want %q", r.Key, r.Off, want)
		}
		if a&(ReadFixed|ReadvFixed) == 0 && r.Key != ringKey && r.Used != (uses&a != 0) {
			t.Errorf("%s: used %v, the engine goes by %v", r.Key, r.Used, uses)
		}
	}
	if found != AllAccelerators {
		t.Errorf("no rung for %v", AllAccelerators&^found)
	}
	if l.Kind != e.Kind() || l.Chosen != "" || l.Plan != PlanExact {
		t.Errorf("%+v", l)
	}
	t.Setenv(EngineVariable, "poller")
	if l, err := NewLadder(Options{}); err != nil || l.Kind != EnginePoller || l.Chosen != "by the environment" || l.Rungs[0].Used || l.Rungs[0].Off == "" {
		t.Errorf("%+v, %v", l, err)
	}
}
