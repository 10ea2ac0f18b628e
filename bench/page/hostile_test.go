package page

import (
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/bench/report"
)

// checkHostile: what a server, a file or a program is called is text and nothing else.
func checkHostile(t *testing.T, b *browser) {
	const bad = `</script></style></svg></title><img src=x onerror="console.error(1)"><script>console.error(2)</script>"'&`
	r := newSample([]string{"uring", bad}, []int{4096}, []int{1})
	r.Host.Kernel, r.Host.CPUModel, r.Setup.Checked = bad, bad, bad
	r.Servers[0].URLs["nfs3"] = bad
	r.Servers[0].Congestion = bad
	r.Notes = []string{bad}
	r.Absent[0].Reason, r.Absent[0].Way = bad, bad
	r.Jobs = []report.Job{{Name: bad, Title: bad, Description: bad}}
	for i := range r.Runs {
		r.Runs[i].Job, r.Runs[i].Pattern = bad, bad
	}
	l := b.load(t, write(t, r), 1200)
	if l.Scripts != 0 || l.Images != 0 {
		t.Errorf("%d scripts and %d images in the page", l.Scripts, l.Images)
	}
	if n := strings.Count(l.Text, bad); n < 10 {
		t.Errorf("the text stands %d times in the page, want one for each place it was put in", n)
	}
}
