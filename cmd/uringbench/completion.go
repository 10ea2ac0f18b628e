package main

import (
	"slices"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

// What shells are offered. cobra's command completion writes the scripts that ask for
// it; a flag or argument that is not registered here is completed with files.

// Words that flags of several commands take.
var (
	engineWords   = []string{bench.EngineAuto, bench.EngineUring, bench.EnginePoller}
	protocolWords = []string{bench.ProtocolGluster, bench.ProtocolNFS3}
	fixedWords    = []string{"auto", "true", "false"}
	blockWords    = []string{"4k", "16k", "64k", "128k", "256k", "1m", "4m"}
)

func planWords() []string {
	var list []string
	for p := transport.PlanAuto; p <= transport.PlanSpeculative; p++ {
		list = append(list, p.String())
	}
	return list
}

// completeOne offers one of the words for a flag.
func completeOne(cmd *cobra.Command, flag string, words ...string) {
	complete(cmd, flag, func(string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	})
}

// completeList offers the words for a flag that takes several between commas, each
// once.
func completeList(cmd *cobra.Command, flag string, words ...string) {
	complete(cmd, flag, func(typed string) ([]string, cobra.ShellCompDirective) {
		i := strings.LastIndexByte(typed, ',') + 1
		before := strings.Split(typed[:i], ",")
		var list []string
		for _, w := range words {
			if !slices.Contains(before, w) {
				list = append(list, typed[:i]+w)
			}
		}
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

// completeNothing is for flags whose values nobody can guess.
func completeNothing(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		completeOne(cmd, flag)
	}
}

// completeFiles offers files with one of the endings, without their dots, and all
// directories, for a flag; without endings all files.
func completeFiles(cmd *cobra.Command, flag string, endings ...string) {
	must(cmd.MarkFlagFilename(flag, endings...))
}

// completeDirectories offers directories for a flag.
func completeDirectories(cmd *cobra.Command, flag string) {
	must(cmd.MarkFlagDirname(flag))
}

// completeURLs is the ValidArgsFunction of commands that take so many URLs at most:
// how they begin.
func completeURLs(most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return beginningWith(typed, []string{
			cobra.CompletionWithDesc("gluster://", "host[:24007]/volume/path"),
			cobra.CompletionWithDesc("nfs://", "host/export/path"),
		}), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

func complete(cmd *cobra.Command, flag string, offer func(typed string) ([]string, cobra.ShellCompDirective)) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		words, directive := offer(typed)
		return beginningWith(typed, words), directive
	}))
}

func beginningWith(typed string, words []string) []string {
	var list []string
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			list = append(list, w)
		}
	}
	return list
}

// must is for errors about flags that are not there or are registered twice: mistakes
// in this program, which every test of a command line meets.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
