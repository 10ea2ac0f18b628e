package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// offered is what shells are told for a command line, without descriptions, and the
// directive that comes last.
func offered(t *testing.T, args ...string) (words []string, directive string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(succeed(t, append([]string{"__complete"}, args...)...)), "\n")
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		words = append(words, word)
	}
	return words, lines[len(lines)-1]
}

func TestCompletion(t *testing.T) {
	const noFiles, noSpace, ending, directories = ":4", ":6", ":8", ":16"
	for _, c := range []struct {
		args      string // between commas, of which the last may be empty
		words     string
		directive string
	}{
		{"run|--engine|", "auto uring poller netconn", noSpace},
		{"run|--engine|uring,", "uring,auto uring,poller uring,netconn", noSpace},
		{"run|--engine|uring,po", "uring,poller", noSpace},
		{"--plan|", "auto exact overlap staged speculative", noSpace},
		{"--placement|c", "copy", noSpace},
		{"--pattern|", "seq rand", noSpace},
		{"--fixed|", "auto true false", noSpace},
		{"--protocol|n", "nfs3", noSpace},
		{"--bs|4k,1", "4k,16k 4k,128k 4k,1m", noSpace},
		{"--depth|", "", noFiles},
		{"--json|", "json", ending},
		{"--html|", "html", ending},
		{"compare|--server|", "embedded stub", noSpace},
		{"compare|--contenders|uring,netconn-", "uring,netconn-copy uring,netconn-direct", noSpace},
		{"compare|--bench|", "", ":0"},
		{"cat|--engine|", "auto uring poller", noFiles},
		{"cat|", "gluster:// nfs://", noSpace},
		{"cat|n", "nfs://", noSpace},
		{"cat|nfs://h/e|", "", noFiles},
		{"run|nfs://h/e|g", "gluster://", noSpace},
		{"chaos|--protocol|", "gluster nfs3", noSpace},
		{"chaos|--json|", "json", ending},
		{"serve|--dir|", "", directories},
		{"serve|--protocol|", "gluster nfs3", noFiles},
		{"serve|", "", noFiles},
		{"probe|", "", noFiles},
		{"c", "cat chaos compare completion", noSpace},
		{"completion|", "bash fish powershell zsh", noFiles},
	} {
		words, directive := offered(t, strings.Split(c.args, "|")...)
		if got := strings.Join(words, " "); got != c.words || directive != c.directive {
			t.Errorf("%s: %q %s, want %q %s", c.args, got, directive, c.words, c.directive)
		}
	}
}

// A flag that is not thought of is offered files, which is right for few.
func TestCompletionOfEveryFlag(t *testing.T) {
	every(whole(), func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			_, registered := cmd.GetFlagCompletionFunc(f.Name)
			_, files := f.Annotations[cobra.BashCompFilenameExt]
			_, dirs := f.Annotations[cobra.BashCompSubdirsInDir]
			if !f.Hidden && f.Value.Type() != "bool" && !registered && !files && !dirs {
				t.Errorf("%s --%s", cmd.CommandPath(), f.Name)
			}
		})
	})
}

// A real bash, which has the script and the package that it builds on.
func TestCompletionInBash(t *testing.T) {
	const library = "/usr/share/bash-completion/bash_completion"
	if _, err := os.Stat(library); err != nil {
		if os.Getenv(peers.RequireEnv) == "1" {
			t.Fatal(err)
		}
		skip.For(t, skip.Machine, err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"script": succeed(t, "completion", "bash"), "x.json": "", "y.txt": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "uringbench")); err != nil {
		t.Fatal(err)
	}
	// The words are as bash takes a line apart: a colon is one of its own.
	for line, want := range map[string]string{
		"run --engine ur":         "uring",
		"run --engine uring,po":   `uring\,poller`,
		"cat glu":                 "gluster://",
		"cat gluster :":           "//",
		"serve --dir ":            "sub",
		"--json ":                 "sub x.json",
		"pro":                     "probe",
		"compare --server embedd": "embedded",
	} {
		words := strings.Split(line, " ")
		bash := exec.Command("bash", "--norc", "-c", `
			source `+library+` && source script || exit
			line=$1; shift
			COMP_WORDS=(uringbench "$@") COMP_CWORD=$# COMP_LINE="uringbench $line" COMP_TYPE=9 COMP_KEY=9
			COMP_POINT=${#COMP_LINE}
			compopt() { :; } # it works in a completion that readline asked for, alone
			__start_uringbench
			printf '%s\n' "${COMPREPLY[@]}"`, "bash", strings.Replace(line, " :", ":", 1))
		bash.Args = append(bash.Args, words...)
		bash.Dir = dir
		bash.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := bash.CombinedOutput()
		got := strings.Fields(string(out))
		for i, w := range got {
			got[i], _, _ = strings.Cut(w, "\t")
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q, %v", line, out, want, err)
		}
	}
}

// The other shells' scripts are there; they are cobra's.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := succeed(t, "completion", shell); !strings.Contains(got, "__complete") {
			t.Errorf("%s: %.100q", shell, got)
		}
	}
	if _, stderr, code := uringbench(t, "completion", "csh"); code != exitUsage {
		t.Errorf("csh: exit status %d\n%s", code, stderr)
	}
}
