package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// topic is the Args of help, which cobra's has say what it does not know, and end well.
func topic(help *cobra.Command, args []string) error {
	if found, _, err := help.Root().Find(args); err != nil || len(args) > 0 && found == help.Root() {
		return usage(fmt.Errorf("there is no command %q to help with", strings.Join(args, " ")))
	}
	return nil
}

// strict has a command that only has others refuse what is none of them.
func strict(cmd *cobra.Command) {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usage(fmt.Errorf("%s: no command is called %q", cmd.CommandPath(), args[0]))
	}
}

// exactly wants n arguments.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage(fmt.Errorf("%d arguments given, want %s", len(args), what))
		}
		return nil
	}
}

// oneURLAtMost is the Args of commands that can do without a URL.
func oneURLAtMost(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(fmt.Errorf("%d URLs given, want one at most", len(args)))
	}
	return nil
}
