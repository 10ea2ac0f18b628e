package page

import (
	"os"
	"strings"
	"testing"
)

// What starting took stands by the figures of each case, of ways that start for each run.
func TestStartUpIsTold(t *testing.T) {
	sample := newSample(sampleWays, []int{4096, 65536}, []int{1})
	for i := range sample.Runs {
		if u := &sample.Runs[i]; u.Way.Name == "libnfs" && u.BlockBytes == 4096 {
			u.StartUpS = 0.25
		}
	}
	text, err := os.ReadFile(write(t, sample))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "<p>libnfs: start-up, which is subtracted, is 0.25 s of CPU time on median"); n != 1 {
		t.Errorf("it is told %d times, want once", n)
	}
}
