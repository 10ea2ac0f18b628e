package page

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"html/template"
	"slices"

	"github.com/dustin/go-humanize"

	"github.com/ringreadv/ringreadv/bench/report"
)

// mostData is how long the data of all reports of a page may be together.
const mostData = 1 << 20

// data is a report in the page, to download: a link that holds the file, so that it
// takes no script. It is compressed.
type data struct {
	URL  template.URL
	Name string // of the file
	Size string
	// NoHistograms: they were left out, as there are too many for a page.
	NoHistograms bool
}

// newData makes it no longer than most if that can be had without the histograms of
// single runs, which are most of a long report.
func newData(r *report.Report, most int) (data, error) {
	d := data{Name: "uringbench-" + r.Command + r.Started.UTC().Format("-20060102-150405") + ".json.gz"}
	file, err := compress(r)
	if err == nil && base64.StdEncoding.EncodedLen(len(file)) > most {
		less := *r
		less.Runs = slices.Clone(r.Runs)
		for i := range less.Runs {
			less.Runs[i].Histogram = ""
		}
		d.NoHistograms = true
		file, err = compress(&less)
	}
	d.URL = template.URL("data:application/gzip;base64," + base64.StdEncoding.EncodeToString(file))
	d.Size = humanize.IBytes(uint64(len(file)))
	return d, err
}

func compress(r *report.Report) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		err = errors.Join(r.WriteJSON(z), z.Close())
	}
	return b.Bytes(), err
}
