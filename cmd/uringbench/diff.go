package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/ringreadv/ringreadv/bench/diff"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/spf13/cobra"
)

const diffHelp = `Compare two reports that run or compare wrote with --json, case by case and way by
way: medians, the change in percent, and whether it is more than noise (Mann-Whitney
U test). Of what was measured on, differences are listed first.

With --check the exit status is 3 if MiB/s, CPU time or a latency is worse beyond the
noise, and by at least --worse percent.`

func newDiff() *cobra.Command {
	var check bool
	var least float64
	cmd := &cobra.Command{
		Use: "diff OLD.json NEW.json", Short: "Compare two reports", Long: diffHelp,
		Example:           "  uringbench diff monday.json tuesday.json\n  uringbench diff --check --worse 10 main.json branch.json",
		Args:              exactly(2, "the files of two reports"),
		ValidArgsFunction: cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveFilterFileExt),
		PreRunE: func(*cobra.Command, []string) error {
			if least < 0 {
				return usage(fmt.Errorf("--worse %v: want no less than 0", least))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			before, err := report.ReadFile(args[0])
			if err != nil {
				return err
			}
			after, err := report.ReadFile(args[1])
			if err != nil {
				return err
			}
			d := diff.Of(before, after)
			if err := d.WriteText(os.Stdout); err != nil {
				return explainWrite(err, "stdout")
			}
			if list := d.Worse(least); check && len(list) > 0 {
				return worse(fmt.Errorf("worse beyond the noise:\n  %s", strings.Join(list, "\n  ")))
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&check, "check", false, "exit with 3 if something got worse")
	flags.Float64Var(&least, "worse", 5, "by at least so many percent, for --check")
	completeNothing(cmd, "worse")
	return cmd
}
