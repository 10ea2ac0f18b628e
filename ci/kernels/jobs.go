package main

import (
	"encoding/json"
	"path"
	"strconv"
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
	"github.com/ringreadv/ringreadv/ci/restricted/restriction"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// guestEnvironment is what all programs get.
var guestEnvironment = []string{"HOME=/tmp", "PATH=/bin"}

// environment has the engine chosen. Where nothing forbids io_uring in the guest,
// no test is to be skipped for that.
func environment(engine, disabled string) []string {
	env := guestEnvironment[:len(guestEnvironment):len(guestEnvironment)]
	if engine != "" {
		env = append(env, "RINGREADV_ENGINE="+engine)
	}
	if disabled == "" {
		env = append(env, skip.RequireRingEnv+"=1")
	}
	return env
}

// restricted is what TestRestriction is to find where the sysctl is set.
func restricted(disabled string, user uint32) string {
	r := restriction.Restriction{UID: int(user), Engine: poller, Ring: "sysctl kernel.io_uring_disabled is " + disabled}
	if user != 0 {
		r.MemlockBytes = 8 << 20 // what processes have since Linux 5.16
	}
	text, _ := json.Marshal(r) // it has nothing that has no JSON
	return restriction.Env + "=" + string(text)
}

// jobs is what each guest does. With a pattern for -test.run those tests run, and
// not the ones of the suites.
func jobs(pattern string, count int) []talk.Job {
	list := benchJobs()
	for _, s := range suites {
		args := []string{
			"-test.v=test2json", "-test.short", "-test.shuffle=on", "-test.count=" + strconv.Itoa(count),
			// Before the job's own limit, with all stacks.
			"-test.timeout=" + (s.limit - 20*time.Second).String(),
		}
		switch {
		case pattern != "":
			args = append(args, "-test.run="+pattern)
		case s.only != nil:
			args = append(args, "-test.run="+oneOf(s.only))
		case s.leave != nil:
			args = append(args, "-test.skip="+oneOf(s.leave))
		}
		env := environment(s.engine, s.disabled)
		if s.disabled != "" {
			env = append(env, restricted(s.disabled, s.user))
		}
		list = append(list, talk.Job{
			Name: s.name(), Program: s.program(), Args: args, Env: env,
			Dir: path.Join("/src", s.folder), Limit: s.limit, Disabled: s.disabled, User: s.user,
		})
	}
	return list
}
