package main

import (
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/readv"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

func newCat() *cobra.Command {
	var engine string
	cmd := &cobra.Command{
		Use: "cat URL", Short: "Write a file to stdout",
		Example: "  uringbench cat gluster://server/volume/image.raw | sha256sum",
		Args:    exactly(1, "the URL of one file"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if _, name, err := bench.SplitURL(args[0]); err != nil {
				return usage(err)
			} else if name == "" {
				return usage(fmt.Errorf("%s names a volume, not a file\n  try: uringbench ls %[1]s", args[0]))
			}
			kind, err := transport.ParseEngineKind(engine)
			if err != nil {
				return usage(err)
			}
			f, err := readv.Open(cmd.Context(), args[0], &readv.Options{Engine: kind})
			if err != nil {
				return bench.Explain(err, "opening", args[0])
			}
			defer f.Close()
			_, err = f.NewReader(cmd.Context()).WriteTo(os.Stdout)
			return bench.Explain(err, "copying to stdout", args[0])
		},
	}
	engineFlag(cmd, &engine)
	return cmd
}

// engineFlag is --engine of commands that read in one way.
func engineFlag(cmd *cobra.Command, engine *string) {
	cmd.Flags().StringVar(engine, "engine", transport.EngineAuto.String(),
		"uring: by io_uring; poller: by Go's poller; auto: the first of them that can be")
}

func newList() *cobra.Command {
	var engine string
	cmd := &cobra.Command{
		Use: "ls URL", Short: "List a directory or a file",
		Example: "  uringbench ls gluster://server/volume/",
		Args:    exactly(1, "the URL of a directory or file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, _, err := bench.SplitURL(args[0]); err != nil {
				return usage(err)
			}
			kind, err := transport.ParseEngineKind(engine)
			if err != nil {
				return usage(err)
			}
			found, err := bench.Look(cmd.Context(), args[0], kind)
			if err != nil {
				return err
			}
			defer found.Volume.Close()
			if !found.Info.IsDir() {
				return printList([]fs.DirEntry{fs.FileInfoToDirEntry(found.Info)})
			}
			list, err := found.Volume.ReadDir(cmd.Context(), found.Name)
			if err != nil {
				return bench.Explain(err, "listing", args[0])
			}
			return printList(list)
		},
	}
	engineFlag(cmd, &engine)
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
	return w.Flush()
}

const probeHelp = `Say what this kernel offers and what the library makes of it here.

Each feature is tried once. "here" is yes, no, forbidden to this process, or unknown;
"since" is the first Linux that has it. RINGREADV_WITHOUT=poll-first,wait-all switches
accelerators off by their keys, RINGREADV_ENGINE=poller all of io_uring, in every
program that uses the library.`

func newProbe() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "probe", Short: "Say what this kernel offers and what will be used", Long: probeHelp,
		Args: exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			p, err := bench.ProbeHere()
			if err != nil {
				return usage(err)
			}
			if asJSON {
				return p.WriteJSON(os.Stdout)
			}
			return p.WriteText(os.Stdout)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	return cmd
}
