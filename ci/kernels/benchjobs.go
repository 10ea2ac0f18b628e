package main

import (
	"time"

	"github.com/ringreadv/ringreadv/ci/kernels/talk"
)

const (
	benchProgram = "/bin/uringbench"
	jobProbe     = "probe"
	jobForbidden = "probe where io_uring is forbidden"
	jobServe     = "serve"

	servedFolder  = "/served"
	servedAddress = "127.0.0.1:24007"
)

// measuring is uringbench run by one engine.
type measuring struct{ engine string }

var measurings = []measuring{{uring}, {poller}}

func (m measuring) name() string { return "run, " + engineName(m.engine) }

// copying is uringbench cat, by one protocol and one engine, maybe where the
// kernel does not let it use io_uring.
type copying struct {
	protocol, engine, disabled string
	user                       uint32
}

var copyings = []copying{
	{protocol: "gluster", engine: uring}, {protocol: "nfs", engine: uring},
	{protocol: "gluster", engine: poller}, {protocol: "nfs", engine: poller},
	{protocol: "gluster", disabled: "1", user: unprivileged}, {protocol: "gluster", disabled: "2"},
}

func (c copying) name() string {
	if c.disabled != "" {
		return "cat, " + c.protocol + ", " + disabledName(c.disabled, c.user)
	}
	return "cat, " + c.protocol + ", " + engineName(c.engine)
}

// url is where the server beside serves the known file.
func (c copying) url() string {
	if c.protocol == "nfs" {
		return "nfs://127.0.0.1/bench/" + knownFile + "?nfsport=24007&mountport=24007"
	}
	return "gluster://" + servedAddress + "/bench/" + knownFile
}

// benchJobs are what uringbench does, the same program everywhere.
func benchJobs() []talk.Job {
	job := func(name, engine, disabled string, user uint32, args ...string) talk.Job {
		return talk.Job{
			Name: name, Program: benchProgram, Args: args, Dir: "/tmp", Limit: time.Minute,
			Env: environment(engine, disabled), Disabled: disabled, User: user,
		}
	}
	list := []talk.Job{
		job(jobProbe, "", "", 0, "probe", "--json"),
		job(jobForbidden, "", "2", 0, "probe", "--json"),
	}
	for _, m := range measurings {
		list = append(list, job(m.name(), m.engine, "", 0,
			"run", "--bs=4k,128k", "--depth=16", "--files=1", "--size=4m", "--placement=direct",
			"--time=300ms", "--repeat=1", "--verify", "--quiet", "--json=-"))
	}
	serve := job(jobServe, poller, "", 0, "serve", "--dir="+servedFolder, "--listen="+servedAddress)
	serve.Beside = true
	list = append(list, serve)
	for _, c := range copyings {
		j := job(c.name(), c.engine, c.disabled, c.user, "cat", c.url())
		j.Digest = true
		list = append(list, j)
	}
	return list
}
