package transport

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ringreadv/ringreadv/ring"
)

// EngineKind says what an engine does its input and output with.
type EngineKind uint8

const (
	// EngineAuto is io_uring where that is there and allowed, else the poller.
	EngineAuto EngineKind = iota
	// EngineURing is io_uring, or an error.
	EngineURing
	// EnginePoller is non-blocking sockets on the Go runtime's poller (epoll,
	// kqueue): slower, otherwise the same. Registering memory has no effect.
	EnginePoller
)

// EngineVariable is the environment variable that chooses where the program does
// not: for every engine made with EngineAuto it says "uring" or "poller", or "auto",
// which is what it means when it is not set.
const EngineVariable = "RINGREADV_ENGINE"

var engineNames = [...]string{"auto", "uring", "poller"}

func (k EngineKind) String() string {
	if int(k) >= len(engineNames) {
		return fmt.Sprintf("EngineKind(%d)", k)
	}
	return engineNames[k]
}

// ParseEngineKind is the inverse of String.
func ParseEngineKind(s string) (EngineKind, error) {
	for i, name := range engineNames {
		if s == name {
			return EngineKind(i), nil
		}
	}
	return 0, fmt.Errorf("transport: no engine is called %q (%s)", s, strings.Join(engineNames[:], ", "))
}

// fromEnvironment lets the environment choose what the program left open.
func (k EngineKind) fromEnvironment() (EngineKind, error) {
	s := os.Getenv(EngineVariable)
	if k != EngineAuto || s == "" {
		return k, nil
	}
	k, err := ParseEngineKind(s)
	if err != nil {
		err = fmt.Errorf("%w: see the environment variable %s", err, EngineVariable)
	}
	return k, err
}

// missing reports whether the error is that io_uring is not there or not allowed.
func missing(err error) bool {
	var forbidden *ring.ForbiddenError
	return errors.As(err, &forbidden) || errors.Is(err, errors.ErrUnsupported)
}
