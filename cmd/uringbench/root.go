package main

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Groups of commands in the help.
const (
	groupMeasure = "measure"
	groupReport  = "report"
	groupTry     = "try"
	groupLook    = "look"
)

// rootExamples are of what is no measuring.
const rootExamples = `
  uringbench ls gluster://server/volume
  uringbench run --help
  uringbench completion bash >~/.local/share/bash-completion/completions/uringbench
  uringbench --version`

func newRoot() *cobra.Command {
	root := newRun("uringbench [URL…]")
	root.Short = "Measure and try reading remote files through io_uring"
	root.Long += "\n\n" + statusHelp
	root.Example += rootExamples
	root.Version = fmt.Sprintf("%s, %s, %s/%s", cmp.Or(bench.Version(), "of a working tree"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	root.SilenceErrors, root.SilenceUsage = true, true
	cobra.AddTemplateFunc("wrapped", func(f *pflag.FlagSet) string { return f.FlagUsagesWrapped(bench.Columns(os.Stdout)) })
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".LocalFlags.FlagUsages", "wrapped .LocalFlags"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(inWords(err)) })
	root.AddGroup(
		&cobra.Group{ID: groupMeasure, Title: "Measure:"},
		&cobra.Group{ID: groupReport, Title: "Show and compare what was measured:"},
		&cobra.Group{ID: groupTry, Title: "Try:"},
		&cobra.Group{ID: groupLook, Title: "Look around:"})
	group := func(id string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	group(groupMeasure, newRun("run [URL…]"), newCompare())
	group(groupReport, newReport(), newDiff())
	group(groupTry, newCat(), newList(), newChaos(), newServe())
	group(groupLook, newProbe())
	root.AddCommand(newContender())
	root.SetHelpCommandGroupID(groupLook)
	root.SetCompletionCommandGroupID(groupLook)
	root.InitDefaultCompletionCmd() // cobra's: a command for each shell
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			strict(c)
		case "help":
			c.Args = topic
		}
	}
	return root
}
