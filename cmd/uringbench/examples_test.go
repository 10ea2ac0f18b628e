package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// whole is the command with what cobra adds when it runs.
func whole() *cobra.Command {
	root := newRoot()
	root.InitDefaultHelpCmd()
	return root
}

// check does with a line all that its command does before it works.
func check(t *testing.T, line string) error {
	t.Helper()
	words := shellWords(t, line)
	cmd, args, err := whole().Find(words[1:])
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	if err := cmd.ParseFlags(args); err != nil {
		return err
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return err
	}
	if cmd.PreRunE == nil {
		return nil
	}
	return cmd.PreRunE(cmd, cmd.Flags().Args())
}

// every calls f for all commands that users see.
func every(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, c := range cmd.Commands() {
		if !c.Hidden && c.Name() != "help" && c.Name() != "completion" {
			every(c, f)
		}
	}
}

func TestExamplesOfHelp(t *testing.T) {
	every(whole(), func(cmd *cobra.Command) {
		if cmd.Long == "" || cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s: no words, or no examples", cmd.CommandPath())
		}
		for line := range strings.Lines(cmd.Example) {
			line, found := commandLine(line)
			if !found {
				t.Errorf("%s: no command in its example %q", cmd.CommandPath(), line)
			} else if err := check(t, line); err != nil {
				t.Errorf("%s: %s: %v", cmd.CommandPath(), line, err)
			}
		}
	})
}

// What the documents have users type is accepted.
func TestExamplesOfDocuments(t *testing.T) {
	for file, least := range map[string]int{"README.md": 5, "BENCHMARKS.md": 3} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		count, fenced := 0, false
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if !fenced && !strings.HasPrefix(line, "    ") {
				continue
			}
			line, found := commandLine(line)
			if !found {
				continue
			}
			count++
			if err := check(t, line); err != nil {
				t.Errorf("%s: %s: %v", file, line, err)
			}
		}
		if count < least {
			t.Errorf("%s: %d examples found, want %d or more", file, count, least)
		}
	}
}

var (
	prompt = regexp.MustCompile(`^\s*(\$ )?(go run \./cmd/uringbench|(\./)?uringbench)(\s|$)`)
	// beyond is where the command ends: a description, a pipe, a file.
	beyond       = regexp.MustCompile(`\s\s.*|\s[|>&;#].*`)
	placeholders = strings.NewReplacer("[URL]", "gluster://host/volume/file", "URL…", "gluster://host/volume/file", "URL", "gluster://host/volume/file", "DIR", ".")
)

// commandLine finds the command in a line.
func commandLine(line string) (string, bool) {
	line = strings.TrimSpace(line)
	start := prompt.FindString(line)
	if start == "" {
		return line, false
	}
	return placeholders.Replace(beyond.ReplaceAllString("uringbench "+line[len(start):], "")), true
}

// The check finds what is wrong, without which it would show nothing.
func TestExamplesCheck(t *testing.T) {
	for line, good := range map[string]bool{
		"uringbench --bs 4k": true, "uringbench --bs x": false, "uringbench --nonsense": false, "uringbench run --depth 0": false,
		"uringbench cat": false, "uringbench cat URL": true, "uringbench compare --contenders magic": false, "uringbench nonsense": false,
		"$ uringbench ls 'nfs://h/e?nfsport=1&mountport=1' | head": true, "uringbench ls nfs://h/e --engine magic  # text": false,
		"uringbench serve --fragment x --dir DIR": false, "./uringbench serve --dir DIR >file": true, "go run ./cmd/uringbench chaos --time 0s": false,
		"uringbench completion bash >file": true, "uringbench --version": true,
	} {
		command, found := commandLine(line)
		if err := check(t, command); !found || (err == nil) != good {
			t.Errorf("%s: %s: %v, want it good: %v", line, command, err, good)
		}
	}
}

// Everything that checks its line does it before it runs, where examples are checked.
func TestCommandsCheckFirst(t *testing.T) {
	simple := []string{"probe", "diff", "report"} // cobra checks all there is
	every(whole(), func(cmd *cobra.Command) {
		if cmd.RunE != nil && cmd.PreRunE == nil && !slices.Contains(simple, cmd.Name()) {
			t.Errorf("%s has no PreRunE", cmd.CommandPath())
		}
		if cmd.HasParent() && cmd.GroupID == "" {
			t.Errorf("%s is in no group of the help", cmd.CommandPath())
		}
	})
}

func TestVersion(t *testing.T) {
	if got := succeed(t, "--version"); !regexp.MustCompile(`^uringbench version \S.*, go1\.\d+\S*, linux/\w+\n$`).MatchString(got) {
		t.Errorf("%q", got)
	}
}

func TestHelp(t *testing.T) {
	help := succeed(t, "--help")
	at := -1
	for _, want := range []string{"Exit status:", "Examples:", "Measure:", "  compare ", "  run ", "Try:", "  cat ", "  ls ", "  serve ", "Look around:", "  completion ", "  probe ", "Flags:", "--bs"} {
		i := strings.Index(help[at+1:], want)
		if i < 0 {
			t.Fatalf("no %q, or not in its place, in\n%s", want, help)
		}
		at += 1 + i
	}
	for line := range strings.Lines(help) {
		if _, isFlag, _ := strings.Cut(line, "  "); utf8.RuneCountInString(line) > 80+1 && strings.HasPrefix(isFlag, "    ") {
			t.Errorf("wider than a terminal: %q", line)
		}
	}
	every(whole(), func(cmd *cobra.Command) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		if got := succeed(t, args...); !strings.Contains(got, cmd.Long) || !strings.Contains(got, cmd.Example) {
			t.Errorf("%s: %s", fmt.Sprint(args), got)
		}
	})
}
