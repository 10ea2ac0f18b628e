package gfs

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/ringreadv/ringreadv/xdrwire"
)

func TestResult(t *testing.T) {
	// Bricks answer SETVOLUME with errno 22 and mean success.
	if err := (Result{Ret: 0, Errno: 22}).Err(); err != nil {
		t.Errorf("success: %v", err)
	}
	err := Result{Ret: -1, Errno: 2}.Err()
	var status *StatusError
	if !errors.As(err, &status) || status.Errno != 2 {
		t.Fatalf("got %v", err)
	}
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v stands for the wrong thing", err)
	}
	if got, want := err.Error(), "gluster: no such file or directory (errno 2)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStatusErrorRetryable(t *testing.T) {
	for errno, want := range map[int32]bool{11: true, 107: true, 2: false, 13: false, 116: false, -1: false} {
		if got := (&StatusError{Errno: errno}).Retryable(); got != want {
			t.Errorf("errno %d: %v", errno, got)
		}
	}
}

func TestFOP(t *testing.T) {
	if got, want := FOP(V400, OpRead), (xdrwire.Procedure{Prog: 1298437, Vers: 400, Proc: 12}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a version without a layout")
		}
	}()
	FOP(320, OpRead)
}
