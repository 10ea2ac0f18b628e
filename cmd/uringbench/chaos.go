package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/chaos"
	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

const chaosHelp = `Read files whose content is known while a proxy between this process and the server
delays, splits, cuts, resets, reorders, doubles, corrupts and swallows what comes
back. Every read has to end in time, with the bytes of the file or with an error of a
known type; reads that a lost connection left unanswered are made again by the
library. Memory is watched around, between and after reads.

Without a URL the embedded server is started, and read from by each protocol for its
share of the time. The faults of a connection follow from the seed.

The exit status is 1 if there was a wrong byte, a byte written where or when it should
not be, a call that hung, an error of unknown type, or anything left over.`

// chaosFlags are the flags of chaos as they are given.
type chaosFlags struct {
	config          chaos.Config
	protocols, size string
	engine          string
	json            string
	quiet           bool
}

func newChaos() *cobra.Command {
	var f chaosFlags
	cmd := &cobra.Command{
		Use: "chaos [URL]", Short: "Read verified data while connections fail in every way", Long: chaosHelp,
		Example: "  uringbench chaos --time 60s --seed 7\n  uringbench chaos gluster://server/volume/image.raw",
		Args:    oneURLAtMost, ValidArgsFunction: completeURLs(1),
		PreRunE: func(cmd *cobra.Command, args []string) error { return usage(f.parse(cmd, args)) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.DurationVar(&f.config.Time, "time", time.Minute, "how long to read")
	flags.Uint64Var(&f.config.Seed, "seed", 0, "what chooses the faults (default: another one each time)")
	flags.StringVar(&f.protocols, "protocol", bench.ProtocolGluster+","+bench.ProtocolNFS3, "how the embedded server is read; a URL says it itself")
	flags.IntVar(&f.config.Files, "files", 4, "files that are read, of those in a directory")
	flags.StringVar(&f.size, "size", "8675309", "how much of each file is read; the size of the embedded server's files")
	engineFlag(cmd, &f.engine)
	flags.StringVar(&f.json, "json", "", "write the counts as JSON to `FILE`; - is stdout, and the table goes to stderr then")
	flags.BoolVar(&f.quiet, "quiet", false, "do not show progress")
	completeList(cmd, "protocol", protocolWords...)
	completeNothing(cmd, "time", "seed", "files", "size")
	completeFiles(cmd, "json", "json")
	return cmd
}

func (f *chaosFlags) parse(cmd *cobra.Command, args []string) (err error) {
	c := &f.config
	if len(args) > 0 {
		c.URL = args[0]
		if cmd.Flags().Changed("protocol") {
			return errors.New("--protocol is for the embedded server; the URL says it itself")
		}
		if _, _, err := bench.SplitURL(c.URL); err != nil {
			return err
		}
	}
	if !cmd.Flags().Changed("seed") {
		c.Seed = rand.Uint64() >> 32 // one that is easily typed
	}
	if c.Protocols, err = list("protocol", f.protocols, bench.ParseName); err != nil {
		return err
	}
	if c.SizeBytes, err = size.Parse(f.size); err != nil {
		return fmt.Errorf("--size: %w", err)
	}
	if c.Engine, err = transport.ParseEngineKind(f.engine); err != nil {
		return err
	}
	return c.Validate()
}

func (f *chaosFlags) run(cmd *cobra.Command) error {
	out, console := io.Writer(os.Stdout), &bench.Console{Progress: os.Stderr}
	if f.json == "-" {
		out = os.Stderr
	}
	if f.quiet {
		console.Progress = nil
	}
	asJSON, err := openOutput("json", f.json)
	if err != nil {
		return err
	}
	console.Say(fmt.Sprintf("seed %d", f.config.Seed), true)
	r, err := chaos.Run(cmd.Context(), f.config, console)
	console.Clear()
	if r == nil || len(r.Legs) == 0 {
		return errors.Join(err, asJSON.fill(nil))
	}
	return errors.Join(err, explainWrite(r.WriteText(out), "stdout"), asJSON.fill(r.WriteJSON), r.Err())
}
