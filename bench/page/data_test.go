package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/bench/report"
)

// checkDownload: what the link holds is the report.
func checkDownload(t *testing.T, b *browser, file string, want *report.Report) {
	dir := t.TempDir()
	name := filepath.Join(dir, "uringbench-compare-20261123-082000.json.gz")
	events := true
	progress := chromedp.Events(b.ctx, cdbrowser.DownloadProgress)
	_, err := chromedp.Call(b.ctx, cdbrowser.SetDownloadBehavior, cdbrowser.SetDownloadBehaviorParams{
		Behavior: cdbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: &events,
	})
	if err == nil {
		err = chromedp.Do(b.ctx, chromedp.Navigate("file://"+file), chromedp.Click(chromedp.CSS(".data a")))
	}
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range progress {
		if err != nil || e.State == cdbrowser.DownloadProgressStateCanceled {
			t.Fatalf("downloading: %+v, %v", e, err)
		} else if e.State == cdbrowser.DownloadProgressStateCompleted {
			break
		}
	}
	packed, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := unpack(t, packed)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report that was downloaded differs:\n%s", diff)
	}
}

// unpack reads a report that is compressed.
func unpack(t *testing.T, file []byte) *report.Report {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	r := &report.Report{}
	if err := json.NewDecoder(z).Decode(r); err != nil {
		t.Fatal(err)
	}
	return r
}

// What is too long for a page loses its histograms, and nothing else.
func TestLongData(t *testing.T) {
	r := newSample(sampleWays, sampleBlocks, sampleDepths)
	d, err := newData(r, 10)
	if err != nil || !d.NoHistograms {
		t.Fatalf("%+v, %v", d, err)
	}
	_, text, _ := strings.Cut(string(d.URL), ";base64,")
	file, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	got := unpack(t, file)
	for i := range got.Runs {
		if got.Runs[i].Histogram != "" {
			t.Errorf("run %d has its histogram", i)
		}
		got.Runs[i].Histogram = r.Runs[i].Histogram
	}
	if r.Runs[0].Histogram == "" {
		t.Error("the report itself has lost its histograms")
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("more is lost than histograms:\n%s", diff)
	}
}
