package bench

import (
	"fmt"
	"strings"
)

// Explain adds to an error what was being done, with what, and what to try. What is a
// URL, or a file, directory or address of this machine.
func Explain(err error, step, what string) error {
	if err == nil {
		return nil
	}
	text := "%s: %s: %w"
	if strings.Contains(err.Error(), what) {
		text = "%[2]s: %[3]w"
	}
	try := localHint(err)
	if strings.Contains(what, "://") {
		try = hint(err, what)
	}
	return Hint(fmt.Errorf(text, what, step, err), try)
}

// Hint adds to an error what to try, on a line of its own, unless it says so already
// or nobody knows.
func Hint(err error, try string) error {
	if err == nil || try == "" || strings.Contains(err.Error(), tryLine) {
		return err
	}
	return fmt.Errorf("%w"+tryLine+"%s", err, try)
}

const tryLine = "\n  try: "

// ListCommand is what to type to see what is in a directory.
func ListCommand(rawURL string) string {
	if strings.ContainsAny(rawURL, "&?*[]()<>;|$`\\\"'~# \t") {
		rawURL = "'" + strings.ReplaceAll(rawURL, "'", `'\''`) + "'" // from the shell
	}
	return "uringbench ls " + rawURL
}

// parent is the URL of the directory, or of the volume for what is in its root.
func parent(rawURL string) string {
	dir, _, err := SplitURL(rawURL)
	if err != nil {
		return rawURL // it is what was not understood
	}
	return dir
}
