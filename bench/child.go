package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// ServerProcess is the embedded server in a process of its own, so that its CPU
// time is not taken for the client's.
type ServerProcess struct {
	Serving
	PID int
	// CPUs and ClientCPUs are those that it and this process were bound to, ""
	// if they were not.
	CPUs, ClientCPUs string

	cmd  *exec.Cmd
	pipe io.Closer // the child ends when this does
}

// startTimeout is how long making the files and listening may take.
const startTimeout = 30 * time.Second

// StartServer starts this program again as "serve", with the hidden flags that
// have it serve synthetic files and end with us. With pin set it gets the first
// CPU, and this process the others. Other flags of "serve" may follow.
func StartServer(ctx context.Context, files int, size int64, pin bool, flags ...string) (*ServerProcess, error) {
	p := &ServerProcess{cmd: exec.Command("/proc/self/exe", append([]string{"serve", "--child",
		"--synthetic", strconv.Itoa(files), "--size", strconv.FormatInt(size, 10), "--congestion", "reno"}, flags...)...)}
	p.cmd.Stderr = os.Stderr
	// Ctrl-C is for us; we end the child when we are done with it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.pipe = in
	if err := p.start(pin); err != nil {
		return nil, fmt.Errorf("starting the embedded server: %w", err)
	}
	p.PID = p.cmd.Process.Pid
	ready, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	stop := context.AfterFunc(ready, func() { p.cmd.Process.Kill() })
	err = json.NewDecoder(out).Decode(&p.Serving)
	if stop() && err == nil {
		return p, nil
	}
	closed := p.Close()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // how it ended, killed by us, is no news
	case ready.Err() != nil:
		err = context.Cause(ready)
	}
	return nil, errors.Join(fmt.Errorf("the embedded server said nothing: %w", err), closed)
}

func (p *ServerProcess) start(pin bool) error {
	server, client, ok := SplitCPUs()
	if !pin || !ok {
		return p.cmd.Start()
	}
	if err := OnCPUs(&server, p.cmd.Start); err != nil {
		return err
	}
	p.CPUs, p.ClientCPUs = CPUNames(&server), CPUNames(&client)
	return pinProcess(&client)
}

// stopTimeout is how long the child may take to end by itself.
const stopTimeout = 2 * time.Second

// Close ends the server and waits for it.
func (p *ServerProcess) Close() error {
	p.pipe.Close()
	kill := time.AfterFunc(stopTimeout, func() { p.cmd.Process.Kill() })
	defer kill.Stop()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("the embedded server: %w", err)
	}
	return nil
}

// ServeChild is the child's side of [StartServer]: it serves until stdin ends.
func ServeChild(ctx context.Context, o ServeOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return Serve(ctx, o, func(s Serving) error { return json.NewEncoder(os.Stdout).Encode(s) })
}
