package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/jobs"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

var runHelp = `Measure reading, and what it costs this process: MiB/s, reads/s, CPU time, latency.

Without a URL a server is started on this machine and read from; nothing needs to
be installed. A URL names a file, gluster://host[:24007]/volume/path or
nfs://host/export/path?nfsport=N&mountport=N, or a directory whose files are read.
Bytes are compared before anything is measured.

Without --bs, --depth, --files, --pattern and --rate the work is the job of a 2013
experiment, four files at once with 4, 32, 8 and 16 reads in flight, and then a
small matrix of block sizes and depths. It ends within a minute. Lists, as in
--bs 4k,128k, make the cross product.

` + jobHelp

const runExamples = `  uringbench
  uringbench --bs 128k --depth 16 --engine uring,poller,netconn
  uringbench --protocol gluster,nfs3 --bs 128k --depth 16
  uringbench --bs 4k --depth 64 --rate 20000
  uringbench run --job 2013-zero-copy-readv gluster://server/volume/directory/
  uringbench run gluster://server/volume/image.raw --time 2s --json result.json`

// runFlags are the flags of run as they are given.
type runFlags struct {
	protocols, blocks, depths, patterns, placements, engines, plans, fixed string

	jobs                 []string
	rate                 rateFlag
	size                 string
	files, conns, repeat int
	time                 time.Duration
	verify, quiet, pin   bool
	outputs              outputs
}

func newRun(use string) *cobra.Command {
	var f runFlags
	var c bench.Config
	cmd := &cobra.Command{
		Use: use, Short: "Measure reading (what uringbench does without a command)", Long: runHelp, Example: runExamples,
		Args: func(_ *cobra.Command, args []string) error {
			for _, a := range args {
				if !strings.Contains(a, "://") {
					return usage(fmt.Errorf("%q is neither a command nor a URL like gluster://host/volume/file", a))
				}
			}
			return nil
		},
		ValidArgsFunction: completeURLs(math.MaxInt),
		PreRunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err = f.config(cmd, args)
			return usage(err)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), c) },
	}
	d := bench.DefaultConfig()
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.protocols, "protocol", strings.Join(d.Protocols, ","), "how the embedded server is read: gluster, nfs3; a URL says it itself")
	flags.StringSliceVar(&f.jobs, "job", nil, "read what this job `FILE` says, or one that comes along: "+strings.Join(jobs.Examples(), ", "))
	flags.StringVar(&f.blocks, "bs", between(d.Blocks, size.Flag[int]), "block sizes")
	flags.StringVar(&f.depths, "depth", between(d.Depths, strconv.Itoa), "reads in flight in total")
	flags.Var(&f.rate, "rate", "`READS` due each second, all files together (default: one starts when another has ended)")
	flags.IntVar(&f.files, "files", d.Files, "files read at the same time")
	flags.StringVar(&f.size, "size", size.Flag(d.SizeBytes), "how much of each file is read; the size of the embedded server's files")
	flags.IntVar(&f.conns, "conns", d.Conns, "connections to the server")
	flags.DurationVar(&f.time, "time", d.Time, "how long each measurement takes (default: short enough to end within a minute)")
	flags.IntVar(&f.repeat, "repeat", d.Repeat, "repetitions, in turns; fewer than six tell no difference from noise")
	flags.StringVar(&f.patterns, "pattern", strings.Join(d.Patterns, ","), "order of the blocks: seq, rand")
	flags.StringVar(&f.placements, "placement", strings.Join(d.Placements, ","), "copy: payload is received into a buffer of the reader and copied to the caller's; direct: it is received there")
	flags.StringVar(&f.engines, "engine", strings.Join(d.Engines, ","), "uring: this library by io_uring; poller: by Go's poller; auto: the first of them that can be; netconn: the same with Go's net.Conn")
	flags.StringVar(&f.plans, "plan", between(d.Plans, transport.Plan.String), "how the library aims receives: auto, exact, overlap, staged, speculative")
	flags.StringVar(&f.fixed, "fixed", "auto", "whether the library uses registered buffers: true, false, or auto, the library's default, which is false")
	flags.BoolVar(&f.verify, "verify", d.Verify, "compare the bytes of every measured read; that takes CPU time too")
	flags.BoolVar(&f.quiet, "quiet", false, "do not show progress")
	flags.BoolVar(&f.pin, "pin", d.Pin, "give the embedded server the first CPU and this process the others")
	f.outputs.flags(cmd)
	f.complete(cmd)
	return cmd
}

// complete says what shells are offered for the flags.
func (f *runFlags) complete(cmd *cobra.Command) {
	completeList(cmd, "protocol", protocolWords...)
	completeList(cmd, "bs", blockWords...)
	completeList(cmd, "pattern", bench.PatternSeq, bench.PatternRand)
	completeList(cmd, "placement", bench.PlacementCopy, bench.PlacementDirect)
	completeList(cmd, "engine", append(engineWords, bench.EngineNetConn)...)
	completeList(cmd, "plan", planWords()...)
	completeList(cmd, "fixed", fixedWords...)
	f.completeJobs(cmd)
	completeNothing(cmd, "depth", "rate", "files", "size", "conns", "time", "repeat")
}

// config turns flags into a configuration.
func (f *runFlags) config(cmd *cobra.Command, urls []string) (bench.Config, error) {
	c := bench.Config{
		URLs: urls, RatePerS: int(f.rate), Files: f.files, Conns: f.conns, Time: f.time, Repeat: f.repeat,
		Verify: f.verify, Pin: f.pin, With2013: true,
	}
	for _, name := range matrixFlags {
		c.With2013 = c.With2013 && !cmd.Flags().Changed(name)
	}
	if len(urls) > 0 && cmd.Flags().Changed("protocol") {
		return c, errors.New("--protocol is for the embedded server; the URL says it itself")
	}
	var errs [9]error
	c.Blocks, errs[0] = list("bs", f.blocks, bench.ParseBlock)
	c.Depths, errs[1] = list("depth", f.depths, bench.ParseCount)
	c.Patterns, errs[2] = list("pattern", f.patterns, bench.ParseName)
	c.Placements, errs[3] = list("placement", f.placements, bench.ParseName)
	c.Engines, errs[4] = list("engine", f.engines, bench.ParseName)
	c.Plans, errs[5] = list("plan", f.plans, bench.ParsePlan)
	c.Fixed, errs[6] = list("fixed", f.fixed, bench.ParseFixed)
	c.Protocols, errs[8] = list("protocol", f.protocols, bench.ParseName)
	if c.SizeBytes, errs[7] = size.Parse(f.size); errs[7] != nil {
		errs[7] = fmt.Errorf("--size: %w", errs[7])
	}
	err := errors.Join(append(errs[:], f.openJobs(cmd, &c))...)
	if err == nil {
		err = c.Validate()
	}
	for _, u := range urls {
		if err == nil {
			_, _, err = bench.SplitURL(u)
		}
	}
	return c, err
}

func (f *runFlags) run(ctx context.Context, c bench.Config) error {
	console := &bench.Console{Out: f.outputs.tables(os.Stdout, os.Stderr), Progress: os.Stderr}
	if f.quiet {
		console.Progress = nil
	}
	save, err := f.outputs.open()
	if err != nil {
		return err
	}
	report, err := bench.Measure(ctx, c, console)
	console.Clear()
	if report != nil && len(report.Jobs) > 0 {
		console.Done(report)
	}
	return errors.Join(err, explainWrite(console.Err(), "stdout"), save(report))
}
