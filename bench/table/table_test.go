package table

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	tab := New(3, "engine", "plan", "block", "MiB/s", "note", "CPU")
	tab.Add("uring", "auto", "4 KiB", "1,000", "", "0.4")
	tab.Add("uring", "", "4 KiB", "20", "", "")
	tab.DropIdle("engine", "plan")
	var b strings.Builder
	if err := tab.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `
 block  MiB/s  CPU
───────────────────
 4 KiB  1,000  0.4
 4 KiB     20
`
	got := regexp.MustCompile(`(?m) +$`).ReplaceAllString(b.String(), "")
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Error(diff)
	}
}
