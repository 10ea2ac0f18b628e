package transport

import (
	"strings"
	"testing"
)

func TestParseAccelerators(t *testing.T) {
	for set := range allAccelerators + 1 {
		if got, err := ParseAccelerators(set.String()); got != set || err != nil {
			t.Fatalf("%q: %v, %v", set, got, err)
		}
	}
	if got, err := ParseAccelerators(" poll-first , ext-arg,poll-first"); got != PollFirst|BoundedWait || err != nil {
		t.Error(got, err)
	}
	if got, err := ParseAccelerators("all"); got != allAccelerators || err != nil {
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
		if must := BoundedWait | WaitAll | LowWater | TCPInfo; there&must != must {
			t.Errorf("%v goes by %v", kind, there)
		}
		t.Setenv(WithoutVariable, "wait-all, ext-arg")
		if got, want := newEngine(t, Options{Engine: kind, Without: LowWater | BoundedWait}).Accelerators(),
			there&^(WaitAll|BoundedWait|LowWater); got != want {
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
