// Command withpeers runs a command with the real servers of ci/peers up, one
// set for all the packages that command tests:
//
//	withpeers go test ./...
//
// It exits as the command does.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"

	"github.com/ringreadv/ringreadv/ci/peers"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpeers:", err)
	}
	os.Exit(code)
}

func run(command []string) (code int, err error) {
	if len(command) == 0 {
		return 2, errors.New("usage: withpeers command [argument ...]")
	}
	env, stop, err := start()
	if err != nil {
		return 1, errors.Join(err, stop())
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := cmd.Run()
	if err := errors.Join(runErr, stop()); err != nil {
		return max(1, cmd.ProcessState.ExitCode()), err
	}
	return 0, nil
}

// start brings up the servers and says how tests find them. What it started
// until an error is to be stopped too.
func start() (env []string, stop func() error, err error) {
	var stops []func() error
	stop = func() error {
		var errs []error
		for _, s := range slices.Backward(stops) {
			errs = append(errs, s())
		}
		return errors.Join(errs...)
	}
	started := func(name string, s *peers.Server) {
		env = append(env, name+"="+s.Dir)
		stops = append(stops, s.Stop)
	}
	gluster, err := peers.StartGluster()
	if err != nil {
		return nil, stop, err
	}
	started(peers.GlusterEnv, &gluster.Server)
	local, err := peers.StartGanesha()
	if err != nil {
		return nil, stop, err
	}
	started(peers.GaneshaEnv, &local.Server)
	volume, err := peers.StartGaneshaGluster(gluster)
	if err != nil {
		return nil, stop, err
	}
	started(peers.GaneshaGlusterEnv, &volume.Server)
	return env, stop, nil
}
