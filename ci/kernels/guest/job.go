package main

import (
	"errors"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"golang.org/x/sys/unix"
)

// runJob runs one program. That it fails is said, and no error.
func runJob(out output, j talk.Job) error {
	if err := out.say(talk.Line{Begin: j.Name}); err != nil {
		return err
	}
	end := talk.Line{End: j.Name}
	began := time.Now()
	err := disabled(j.Disabled, func() (err error) {
		if j.Beside {
			return runBeside(out, j)
		}
		end.Digest, err = finish(out, j)
		return err
	})
	end.Took = time.Since(began)
	if lacks, is := errors.AsType[lacksError](err); is {
		end.Lacks = lacks.Error()
	} else if err != nil {
		end.Error = err.Error()
	}
	if end.Dmesg, err = kernelLog(); err != nil {
		return err
	}
	return out.say(end)
}

// kernelLog reads and clears what the kernel logged.
func kernelLog() (string, error) {
	text := make([]byte, 1<<20)
	n, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_CLEAR, text)
	if err != nil {
		return "", err
	}
	return string(text[:n]), nil
}
