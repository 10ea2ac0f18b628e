package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/compare"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/spf13/cobra"
)

var compareHelp = `Run this library and every other reader that is installed, in turns, against the same
server, and print how its figures relate to theirs.

Each contender is a process of its own that connects first and reads when it is its
turn: start-up is in no figure, and CPU time is that of the whole process. Contenders
in C are compiled when there is a compiler and the headers they need. Their bytes are
compared with the file's before anything is measured.

` + compare.Help() + `
Of this library, uring and poller, :PLAN after that fixes how receives are aimed
(uring:exact), +TIME bounds how long small replies are left to gather (uring+50us,
uring+off) and @PROGRAM is that of another uringbench (uring-copy:exact@./old).
Who is named has to be there; who comes by a group of several is left out if not, and
the reason is told.

The ratios are to the first contender of the list.`

const compareExamples = `  uringbench compare --bs 4k --depth 16
  uringbench compare --server stub --contenders uring,uring-copy,nfsloop
  uringbench compare --protocol gluster --contenders plans,placements --bs 128k
  uringbench compare nfs://server/export/file --bench new.txt
  uringbench compare gluster://server/volume/file --contenders uring,peers --html page.html`

// compareFlags are the flags of compare as they are given.
type compareFlags struct {
	servers, protocols, blocks, depths, contenders, size string
	config                                               compare.Config
	outputs                                              outputs
	quiet                                                bool
}

func newCompare() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use: "compare [URL]", Short: "Compare with other readers, against the same server", Long: compareHelp,
		Example: compareExamples,
		Args:    oneURLAtMost, ValidArgsFunction: completeURLs(1),
		PreRunE: func(cmd *cobra.Command, args []string) error { return usage(f.parse(cmd, args)) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.servers, "server", "embedded,stub", "without a URL, who serves: embedded, or stub, a C program of canned replies (NFS)")
	flags.StringVar(&f.protocols, "protocol", bench.ProtocolNFS3, "how the embedded server is read: nfs3, gluster")
	flags.StringVar(&f.blocks, "bs", "4k,128k,1m", "block sizes")
	flags.StringVar(&f.depths, "depth", "1,16", "reads in flight in total")
	flags.StringVar(&f.size, "size", "64m", "size of the file that is read if there is no URL")
	flags.StringVar(&f.contenders, "contenders", "", "who reads (default: "+strings.Join(compare.Default(), ", ")+", as far as they are installed)")
	flags.IntVar(&f.config.Conns, "conns", 1, "connections of those that are a uringbench; programs in C have one")
	flags.DurationVar(&f.config.Time, "time", 200*time.Millisecond, "how long each run takes")
	flags.IntVar(&f.config.Repeat, "repeat", 7, "repetitions, in turns; fewer than 6 cannot tell a difference from noise")
	flags.BoolVar(&f.config.Check, "check", true, "compare bytes before measuring")
	flags.BoolVar(&f.config.Pin, "pin", true, "give the server that is started the first CPU and contenders the others")
	flags.BoolVar(&f.quiet, "quiet", false, "do not show progress")
	f.outputs.flags(cmd)
	completeList(cmd, "server", compare.ServerEmbedded, compare.ServerStub)
	completeList(cmd, "protocol", protocolWords...)
	completeList(cmd, "bs", blockWords...)
	completeList(cmd, "contenders", compare.Names()...)
	completeNothing(cmd, "depth", "size", "conns", "time", "repeat")
	return cmd
}

func (f *compareFlags) parse(cmd *cobra.Command, args []string) (err error) {
	c := &f.config
	if len(args) > 0 {
		c.URL = args[0]
		if cmd.Flags().Changed("server") || cmd.Flags().Changed("protocol") || cmd.Flags().Changed("size") {
			return errors.New("--server, --protocol and --size are for servers that are started; the URL says it itself")
		}
	}
	var errs [5]error
	c.Servers, errs[0] = list("server", f.servers, bench.ParseName)
	c.Protocols, errs[1] = list("protocol", f.protocols, bench.ParseName)
	c.Blocks, errs[2] = list("bs", f.blocks, bench.ParseBlock)
	c.Depths, errs[3] = list("depth", f.depths, bench.ParseCount)
	if f.contenders != "" {
		c.Contenders, errs[4] = list("contenders", f.contenders, bench.ParseName)
	}
	if err = errors.Join(errs[:]...); err != nil {
		return err
	}
	if c.SizeBytes, err = size.Parse(f.size); err != nil {
		return fmt.Errorf("--size: %w", err)
	}
	return c.Validate()
}

func (f *compareFlags) run(cmd *cobra.Command) error {
	out := f.outputs.tables(os.Stdout, os.Stderr)
	save, err := f.outputs.open()
	if err != nil {
		return err
	}
	console := &bench.Console{Progress: os.Stderr}
	if f.quiet {
		console.Progress = nil
	}
	var shown error
	r, err := compare.Measure(cmd.Context(), f.config, compare.Observer{
		Stage: console.Say,
		Measuring: func(done, all int, left time.Duration, cell report.Case, contender string) {
			console.Count(done, all, left, cell.String(), cell.String()+", "+contender)
		},
		Done: func(r *report.Report, g *report.Group) {
			console.Clear()
			if g.Case == r.Runs[0].Case { // the first
				shown = errors.Join(shown, r.WriteGround(out))
			}
			shown = errors.Join(shown, r.WriteCell(out, g))
		},
	})
	console.Clear()
	if r != nil && len(r.Runs) > 0 {
		shown = errors.Join(shown, r.WriteEnd(out))
	}
	return errors.Join(err, explainWrite(shown, "stdout"), save(r))
}
