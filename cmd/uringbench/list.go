package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

func newList() *cobra.Command {
	var kind transport.EngineKind
	var engine string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: "ls URL", Short: "List a directory or a file",
		Long: "List a directory or a file: mode, bytes, the same to read, time of change, name.",
		Example: `  uringbench ls gluster://server/volume/
  uringbench ls nfs://server/export`,
		Args: exactly(1, "the URL of a directory or file"), ValidArgsFunction: completeURLs(1),
		PreRunE: func(_ *cobra.Command, args []string) (err error) {
			if _, _, err := bench.SplitURL(args[0]); err != nil {
				return usage(err)
			}
			kind, err = transport.ParseEngineKind(engine)
			return usage(err)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			found, err := bench.Look(ctx, args[0], kind)
			if err != nil {
				return err
			}
			defer found.Volume.Close()
			if !found.Info.IsDir() {
				return printList([]fs.DirEntry{fs.FileInfoToDirEntry(found.Info)})
			}
			list, err := found.Volume.ReadDir(ctx, found.Name)
			if err != nil {
				return bench.Explain(err, "listing", args[0])
			}
			return printList(list)
		},
	}
	engineFlag(cmd, &engine)
	timeoutFlag(cmd, &timeout)
	return cmd
}

// printList writes one line an entry: mode, bytes, size to read, time, name.
func printList(list []fs.DirEntry) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			return err
		}
		name := info.Name()
		if info.IsDir() {
			name += "/"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t  %s\n", info.Mode(), info.Size(), humanize.IBytes(uint64(info.Size())),
			info.ModTime().Format(time.DateTime), name)
	}
	return explainWrite(w.Flush(), "stdout")
}
