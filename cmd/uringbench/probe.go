package main

import (
	"os"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/spf13/cobra"
)

const probeHelp = `Say what this kernel offers and what the library makes of it here.

Each feature is tried once. "here" is yes, no, forbidden to this process, or unknown;
"since" is the first Linux that has it. RINGREADV_WITHOUT=poll-first,wait-all switches
accelerators off by their keys, RINGREADV_ENGINE=poller all of io_uring, in every
program that uses the library.`

func newProbe() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "probe", Short: "Say what this kernel offers and what will be used", Long: probeHelp,
		Example: "  uringbench probe\n  uringbench probe --json",
		Args:    exactly(0, "none"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			p, err := bench.ProbeHere()
			if err != nil {
				return usage(err)
			}
			write := p.WriteText
			if asJSON {
				write = p.WriteJSON
			}
			return explainWrite(write(os.Stdout), "stdout")
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}
