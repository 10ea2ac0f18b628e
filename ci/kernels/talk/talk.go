// Package talk is what ci/kernels and the /init of its guests say to each other:
// orders in a file of the initramfs, and marked lines between the output of the
// programs run.
package talk

import "time"

const (
	// JobsFile is where /init finds its jobs, a JSON array of Job.
	JobsFile = "/jobs.json"
	// OutputPort is where it writes: the second serial port.
	OutputPort = "/dev/ttyS1"
	// Mark begins a line that is a Line in JSON and not a program's output.
	Mark = "\x1e"
	// DebugPort is the I/O port of qemu's isa-debug-exit. Writing code to it ends
	// qemu with the status code<<1|1.
	DebugPort = 0xf4
	// CodeDone says that all jobs were run, well or not. It is none of the small
	// numbers with which qemu itself fails.
	CodeDone = 21
	// StatusDone is the exit status of qemu then.
	StatusDone = CodeDone<<1 | 1
)

// Job is one program to run in the guest.
type Job struct {
	Name    string
	Program string // path in the guest
	Args    []string
	Env     []string
	Dir     string
	Limit   time.Duration // it is killed then
	// Beside has it run beside the jobs that follow, which wait until it has
	// written a line, and for as long as the guest.
	Beside bool
	// Digest has what it writes to stdout told by its hash.
	Digest bool
	// Disabled is what kernel.io_uring_disabled is while it runs; empty: 0.
	Disabled string
	User     uint32 // and group; 0 is root
}

// Line is one thing that /init says. Fields that do not apply are empty.
type Line struct {
	Kernel string `json:",omitempty"` // release of the running kernel
	Begin  string `json:",omitempty"` // the job whose output follows
	End    string `json:",omitempty"` // the job whose output ends here
	Error  string `json:",omitempty"` // why it did not end well
	Lacks  string `json:",omitempty"` // what the kernel lacks, so that it was not run
	Digest string `json:",omitempty"` // SHA-256 of stdout
	Took   time.Duration
	Dmesg  string `json:",omitempty"` // all that the kernel logged since the last
}
