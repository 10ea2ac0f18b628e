package report

import (
	"strings"
	"testing"
)

func TestMissed(t *testing.T) {
	runs := matrixRuns(matrixCase)
	text := func() string {
		var b strings.Builder
		if err := WriteJob(&b, Job{Name: JobMatrix}, runs); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if strings.Contains(text(), "not reached") {
		t.Errorf("a rate that was reached, or none:\n%s", text())
	}
	late := &runs[len(runs)-1]
	late.RatePerS, late.Reads, late.Missed = 1000, 900, 100
	if got, want := text(), late.Name+": of 1,000 reads due 100 had not begun"; strings.Count(got, "not reached") != 1 || !strings.Contains(got, want) {
		t.Errorf("want %q once in\n%s", want, got)
	}
	late.Reads, late.Missed = 999, 1 // it was due just at the end
	if strings.Contains(text(), "not reached") {
		t.Errorf("one of a thousand:\n%s", text())
	}
}
