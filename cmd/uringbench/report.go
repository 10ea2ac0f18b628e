package main

import (
	"errors"
	"io"
	"os"

	"github.com/ringreadv/ringreadv/bench/page"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/spf13/cobra"
)

const reportHelp = `Show reports again that run or compare wrote with --json: their tables, or several
together as one page with plots.`

func newReport() *cobra.Command {
	var html string
	cmd := &cobra.Command{
		Use: "report FILE.json…", Short: "Show reports again, as tables or as a page", Long: reportHelp,
		Example: "  uringbench report monday.json\n  uringbench report compare.json run.json --html page.html",
		PreRunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("no report given, want files that --json wrote"))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveFilterFileExt),
		RunE: func(_ *cobra.Command, args []string) error {
			var list []*report.Report
			for _, name := range args {
				r, err := report.ReadFile(name)
				if err != nil {
					return err
				}
				list = append(list, r)
			}
			if html == "" {
				return showAll(list)
			}
			out, err := openOutput("html", html)
			if err != nil {
				return err
			}
			return out.fill(func(w io.Writer) error { return page.Write(w, list...) })
		},
	}
	cmd.Flags().StringVar(&html, "html", "", "write them as one page to `FILE` instead; - is stdout")
	completeFiles(cmd, "html", "html")
	return cmd
}

func showAll(list []*report.Report) error {
	for i, r := range list {
		if i > 0 {
			if _, err := io.WriteString(os.Stdout, "\n"); err != nil {
				return explainWrite(err, "stdout")
			}
		}
		if err := r.WriteText(os.Stdout); err != nil {
			return explainWrite(err, "stdout")
		}
	}
	return nil
}
