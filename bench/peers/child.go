package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Child is a contender that has started and is connected. It is for one goroutine at
// a time.
type Child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	lines   chan string // of its standard output; closed at its end
	errs    tail        // of its standard error
	block   int
	release func() bool // of the context
	stopped bool
}

// How long a contender may take to connect, to answer above what it was told to
// read for, and to end by itself.
var (
	startTimeout  = 30 * time.Second
	answerTimeout = 30 * time.Second
	stopTimeout   = 2 * time.Second
)

// maxLine is how long an answer may be: histograms are.
const maxLine = 1 << 20

// Start starts a contender that reads blocks of so many bytes, by calling run, which
// starts the command, and waits until it is connected. It is killed when the context
// ends, and ends by itself when its standard input does: with this process at the
// latest.
func Start(ctx context.Context, cmd *exec.Cmd, block int, run func() error) (*Child, error) {
	c := &Child{cmd: cmd, lines: make(chan string), block: block}
	cmd.Stderr = &c.errs
	cmd.WaitDelay = stopTimeout
	// Ctrl-C is for us; we end the child when we are done with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	c.in = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := run(); err != nil {
		return nil, err
	}
	c.release = context.AfterFunc(ctx, c.killGroup)
	go func() {
		defer close(c.lines)
		s := bufio.NewScanner(out)
		s.Buffer(nil, maxLine)
		for s.Scan() {
			c.lines <- s.Text()
		}
	}()
	line, err := c.line(startTimeout)
	if err == nil && line != ready {
		err = fmt.Errorf("it said %q instead of %q", line, ready)
	}
	if err != nil {
		err = c.end(err)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, c.failed("connecting", err)
	}
	return c, nil
}

// Run has it read for so long.
func (c *Child) Run(d time.Duration) (Result, error) {
	var r Result
	err := c.ask(&r, d, "run %d", d.Milliseconds())
	if err == nil {
		err = r.check(c.block)
	}
	if err != nil {
		return r, c.failed("reading", err)
	}
	return r, nil
}

// Check has it read some blocks, as [Reader] has it.
func (c *Child) Check(off int64, blocks int) (Sum, error) {
	var s sum
	err := c.ask(&s, 0, "check %d %d", off, blocks)
	var v Sum
	if err == nil {
		_, err = fmt.Sscanf(s.Sum, "%16x", (*uint64)(&v))
	}
	if err != nil {
		return 0, c.failed("reading", err)
	}
	return v, nil
}

// ask sends a line and parses the answer.
func (c *Child) ask(answer any, d time.Duration, format string, args ...any) error {
	if c.stopped {
		return errors.New("it has ended")
	}
	// If it does not listen any more it has nothing to say either.
	_, _ = fmt.Fprintf(c.in, format+"\n", args...)
	line, err := c.line(d + answerTimeout)
	if err != nil {
		return c.end(err)
	}
	parse := json.NewDecoder(strings.NewReader(line))
	parse.DisallowUnknownFields()
	if err := parse.Decode(answer); err != nil {
		return fmt.Errorf("it said %q: %w", line, err)
	}
	return nil
}

// line is the next one that it says.
func (c *Child) line(within time.Duration) (string, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case line, ok := <-c.lines:
		if !ok {
			return "", errEnded
		}
		return line, nil
	case <-timer.C:
		return "", fmt.Errorf("it said nothing for %v", within)
	}
}

var errEnded = errors.New("it ended")

// end ends it because of an error, to which it adds how it ended if it did by itself.
func (c *Child) end(err error) error {
	if err != errEnded {
		c.kill()
		return err
	}
	c.Close()
	return fmt.Errorf("%w with %v", err, c.cmd.ProcessState)
}

// failed adds what it wrote to standard error.
func (c *Child) failed(step string, err error) error {
	return fmt.Errorf("%s: %w", step, c.errs.explain(err))
}

// killGroup ends it, and what it may have started, at once. There is no such group,
// and that is fine, once it has been waited for.
func (c *Child) killGroup() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

// kill ends it and waits for that.
func (c *Child) kill() {
	c.killGroup()
	c.Close()
}

// Close has it end, by force if it takes too long, and waits for that.
func (c *Child) Close() {
	if c.stopped {
		return
	}
	c.stopped = true
	c.in.Close()
	timer := time.AfterFunc(stopTimeout, c.killGroup)
	defer timer.Stop()
	_ = c.cmd.Wait() // how it ended is of no interest any more
	c.release()
	for range c.lines { // what it still had to say
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailBytes):]
	return len(p), nil
}

// explain adds to an error what was written, on one line; what a uringbench says to
// try stays on its own.
func (t *tail) explain(err error) error {
	said, try, has := strings.Cut(t.String(), "\n  try: ")
	if said == "" {
		return err
	}
	said = strings.ReplaceAll(strings.TrimPrefix(said, "uringbench: "), "\n", "; ")
	if has {
		said += "\n  try: " + try
	}
	return fmt.Errorf("%w; it says: %s", err, said)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
