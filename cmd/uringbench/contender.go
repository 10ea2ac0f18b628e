package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/peers"
	"github.com/spf13/cobra"
)

// newContender is a child of compare.
func newContender() *cobra.Command {
	var w bench.Way
	var plan string
	var conns int
	cmd := &cobra.Command{
		Use: "contender URL BLOCK DEPTH", Short: "Read a file when told to on stdin, for compare", Hidden: true,
		Args: exactly(3, "a URL, a block size and a depth"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var block, depth int
			if w.Plan, err = bench.ParsePlan(plan); err != nil {
				return usage(err)
			}
			if block, err = bench.ParseBlock(args[1]); err != nil {
				return usage(err)
			}
			if depth, err = bench.ParseCount(args[2]); err != nil {
				return usage(err)
			}
			if !slices.Contains([]string{bench.EngineUring, bench.EnginePoller, bench.EngineNetConn}, w.Engine) {
				return usage(fmt.Errorf("no engine is called %q", w.Engine))
			}
			c, err := bench.NewContender(cmd.Context(), args[0], w, block, depth, conns)
			if err != nil {
				return err
			}
			defer c.Close()
			return peers.Serve(c, os.Stdin, os.Stdout)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&w.Engine, "engine", bench.EngineUring, "uring, poller, netconn")
	flags.StringVar(&w.Placement, "placement", bench.PlacementDirect, "copy, direct")
	flags.StringVar(&plan, "plan", "auto", "how uring aims receives")
	flags.BoolVar(&w.Fixed, "fixed", false, "registered buffers")
	flags.DurationVar(&w.Moderation, "moderation", 0, "how long uring lets replies gather")
	flags.IntVar(&conns, "conns", 1, "connections")
	return cmd
}
