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
	gluster, err := peers.StartGluster()
	if err != nil {
		return 1, err
	}
	ganesha, err := peers.StartGanesha()
	if err != nil {
		return 1, errors.Join(err, gluster.Stop())
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(),
		peers.GlusterEnv+"="+gluster.Dir,
		peers.GaneshaEnv+"="+ganesha.Dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	runErr := cmd.Run()
	if err := errors.Join(runErr, ganesha.Stop(), gluster.Stop()); err != nil {
		return max(1, cmd.ProcessState.ExitCode()), err
	}
	return 0, nil
}
