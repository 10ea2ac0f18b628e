package peers

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// quick has contenders given up soon.
func quick(t *testing.T) {
	s, a, e := startTimeout, answerTimeout, stopTimeout
	startTimeout, answerTimeout, stopTimeout = 2*time.Second, 200*time.Millisecond, 200*time.Millisecond
	t.Cleanup(func() { startTimeout, answerTimeout, stopTimeout = s, a, e })
}

func startScript(t *testing.T, ctx context.Context, script string) (*Child, error) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	c, err := Start(ctx, cmd, 4096, cmd.Start)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%v, want %q", err, p)
		}
	}
}

func TestChild(t *testing.T) {
	c, err := startScript(t, t.Context(), `echo ready; read l; echo '{"sum":"00000000000000ff"}'; read l; [ "$l" = "run 20" ] && echo '{"reads":2,"bytes":8192,"ns":5}'; read l; exit 0`)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Check(0, 1); err != nil || s != 255 {
		t.Error(s, err)
	}
	if r, err := c.Run(20 * time.Millisecond); err != nil || r.Reads != 2 || r.NS != 5 {
		t.Error(r, err)
	}
	start := time.Now()
	c.Close()
	c.Close()
	if took := time.Since(start); took > time.Second || c.cmd.ProcessState == nil || !c.cmd.ProcessState.Success() {
		t.Errorf("it ended after %v: %v", took, c.cmd.ProcessState)
	}
	_, err = c.Run(time.Millisecond)
	wantError(t, err, "it has ended")
}

func TestChildThatDoesNotStart(t *testing.T) {
	quick(t)
	for script, says := range map[string]string{
		"echo hello; sleep 100":         `it said "hello"`,
		"echo no such file >&2":         "it ended with exit status 0; it says: no such file",
		"exec sleep 100":                "it said nothing for 2s",
		"echo x >&2; sleep 0.1; exit 1": "it ended with exit status 1; it says: x",
		"kill -SEGV $$":                 "it ended with signal: segmentation fault",
		`echo "uringbench: no
	more
  try: less" >&2`: "it says: no; \tmore\n  try: less",
	} {
		_, err := startScript(t, t.Context(), script)
		wantError(t, err, "connecting", says)
	}
	cmd := exec.Command("/nonexistent")
	if _, err := Start(t.Context(), cmd, 4096, cmd.Start); err == nil {
		t.Error("what is not there is started")
	}
}

func TestChildThatMisbehaves(t *testing.T) {
	quick(t)
	for answer, says := range map[string]string{
		`echo nonsense`: `it said "nonsense"`,
		`echo '{"reads":1,"bytes":4096,"ns":1,"color":1}'`: "color",
		`echo '{"reads":1,"bytes":4095,"ns":1}'`:           "4095",
		`echo '{"reads":0,"bytes":0,"ns":1}'`:              "0 reads",
		`echo out of memory >&2; exit 1`:                   "it ended with exit status 1; it says: out of memory",
		`exec sleep 100`:                                   "it said nothing",
	} {
		c, err := startScript(t, t.Context(), "echo ready; read l; "+answer+"; read l")
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Run(time.Millisecond)
		wantError(t, err, "reading", says)
	}
	c, err := startScript(t, t.Context(), `echo ready; read l; echo '{"sum":"xyz"}'; read l`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(0, 1)
	wantError(t, err, "reading")
}

// Whatever it does, closing it takes no longer than it may.
func TestChildThatWillNotEnd(t *testing.T) {
	quick(t)
	for _, script := range []string{
		"echo ready; exec sleep 100",
		"echo ready; sleep 100 & wait",
		"echo ready; setsid sleep 3 & wait",        // leaves one with its pipes
		"echo ready; while :; do echo noise; done", // nobody listens
	} {
		c, err := startScript(t, t.Context(), script)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		c.Close()
		if took := time.Since(start); took > 2*time.Second || c.cmd.ProcessState == nil {
			t.Errorf("%s: it took %v", script, took)
		}
	}
}

func TestContextEndsChild(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c, err := startScript(t, ctx, "echo ready; exec sleep 100")
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	time.AfterFunc(50*time.Millisecond, func() { cancel(stop) })
	start := time.Now()
	if _, err := c.Run(time.Minute); err == nil || time.Since(start) > 10*time.Second {
		t.Error(err, time.Since(start))
	}
	if _, err := startScript(t, ctx, "exec sleep 100"); err != stop {
		t.Error(err)
	}
}
