package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

func newCat() *cobra.Command {
	var kind transport.EngineKind
	var engine string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "cat URL", Short: "Write a file to stdout",
		Long: "Write a file to stdout, read with many reads in flight.",
		Example: `  uringbench cat gluster://server/volume/image.raw | sha256sum
  uringbench cat 'nfs://server/export/image.raw?nfsport=2049&mountport=20048' >image.raw`,
		Args: exactly(1, "the URL of one file"), ValidArgsFunction: completeURLs(1),
		PreRunE: func(_ *cobra.Command, args []string) (err error) {
			if _, name, err := bench.SplitURL(args[0]); err != nil {
				return usage(err)
			} else if name == "" {
				return usage(bench.Hint(fmt.Errorf("%s names a volume, not a file", args[0]), bench.ListCommand(args[0])))
			}
			kind, err = transport.ParseEngineKind(engine)
			return usage(err)
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			opening, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			f, err := readv.Open(opening, args[0], &readv.Options{Engine: kind, Timeout: timeout})
			if err != nil {
				return bench.Explain(err, "opening", args[0])
			}
			defer f.Close()
			_, err = f.NewReader(cmd.Context()).WriteTo(os.Stdout)
			return bench.Explain(err, "copying to stdout", args[0])
		},
	}
	engineFlag(cmd, &engine)
	timeoutFlag(cmd, &timeout)
	return cmd
}
