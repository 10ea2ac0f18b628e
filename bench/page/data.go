package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"html/template"

	"github.com/dustin/go-humanize"

	"github.com/ringreadv/ringreadv/bench/report"
)

// data is a report in the page, to download: a link that holds the file, so that it
// takes no script. Compressed, as histograms and counters are most of a page.
type data struct {
	URL  template.URL
	Name string // of the file
	Size string
}

func newData(r *report.Report) (data, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return data{}, err
	}
	if err := r.WriteJSON(z); err != nil {
		return data{}, err
	}
	if err := z.Close(); err != nil {
		return data{}, err
	}
	return data{
		URL:  template.URL("data:application/gzip;base64," + base64.StdEncoding.EncodeToString(b.Bytes())),
		Name: "uringbench-" + r.Command + r.Started.UTC().Format("-20060102-150405") + ".json.gz",
		Size: humanize.IBytes(uint64(b.Len())),
	}, nil
}
