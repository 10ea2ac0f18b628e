package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/spf13/cobra"
)

// jobHelp is about --rate and --job.
var jobHelp = `With --rate reads are due at regular times, whether those before have ended or not;
--depth is how many can be in flight. Latency is from when a read was due then, and
service from when it began. Without --rate a server that stalls for a second delays
a few reads; with it, all that somebody would have wanted in that second. Reads begin
some 50 µs after they are due, as timers are late, with --engine poller up to 1 ms.

--job has read what a job file of fio's form says, ten times if --repeat does not say
otherwise. Its filename= is relative to the URL, which is a directory then, or is
a URL itself; without any the embedded server serves files of such a size. --size
and --time take the place of its size= and runtime=. These keys are followed, a few
that change nothing here ignored, and others refused:
` + lines(jobs.Keys())

// lines puts words into lines that are not too long.
func lines(words []string) string {
	var b strings.Builder
	for some := range slices.Chunk(words, 7) {
		b.WriteString("  " + strings.Join(some, " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// matrixFlags say what to read, and so does --job.
var matrixFlags = []string{"bs", "depth", "files", "pattern", "rate"}

// repeatJobs is how often jobs are repeated, as in 2013.
const repeatJobs = 10

// openJobs reads the job files, and leaves to them what the command line does not say.
func (f *runFlags) openJobs(cmd *cobra.Command, c *bench.Config) error {
	if len(f.jobs) == 0 {
		return nil
	}
	var errs []error
	for _, name := range matrixFlags {
		if cmd.Flags().Changed(name) {
			errs = append(errs, fmt.Errorf("--%s and --job both say what to read; leave one of them away", name))
		}
	}
	for _, name := range f.jobs {
		file, err := jobs.Open(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("--job: %w", err))
			continue
		}
		c.Jobs = append(c.Jobs, file)
	}
	c.With2013 = false
	if !cmd.Flags().Changed("size") {
		c.SizeBytes = 0
	}
	if !cmd.Flags().Changed("repeat") {
		c.Repeat = repeatJobs
	}
	return errors.Join(errs...)
}

// completeJobs offers what comes along, and files.
func (f *runFlags) completeJobs(cmd *cobra.Command) {
	complete(cmd, "job", func(typed string) ([]string, cobra.ShellCompDirective) {
		return beginningWith(typed, jobs.Examples()), cobra.ShellCompDirectiveDefault
	})
}
