package page

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cdbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/report"
)

// checkDownload: what the link holds is the report.
func checkDownload(t *testing.T, b *browser, file string, want *report.Report) {
	dir := t.TempDir()
	name := filepath.Join(dir, "uringbench-compare-20261123-082000.json.gz")
	_, err := chromedp.Call(b.ctx, cdbrowser.SetDownloadBehavior, cdbrowser.SetDownloadBehaviorParams{
		Behavior: cdbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
	})
	if err == nil {
		err = chromedp.Do(b.ctx, chromedp.Navigate("file://"+file), chromedp.Click(chromedp.CSS(".data a")))
	}
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(name); err == nil { // it gets its name when it is whole
			break
		} else if time.Now().After(end) {
			list, _ := filepath.Glob(dir + "/*")
			t.Fatalf("%v; there is %q", err, list)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	got := &report.Report{}
	if err := json.Unmarshal(text, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report that was downloaded differs:\n%s", diff)
	}
}

// checkHostile: what a server, a file or a program is called is text and nothing else.
func checkHostile(t *testing.T, b *browser) {
	const bad = `</script></style></svg></title><img src=x onerror="alert(1)"><script>alert(2)</script>"'&`
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
