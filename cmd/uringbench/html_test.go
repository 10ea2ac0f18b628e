package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var pageData = regexp.MustCompile(`href="data:application/gzip;base64,([^"]*)"`)

// A page has plots of all cases, and carries what --json writes.
func TestHTML(t *testing.T) {
	for _, args := range [][]string{
		{"run", "--time", "10ms", "--repeat", "2", "--size", "1m", "--files", "2", "--bs", "4k,64k", "--depth", "2"},
		{"compare", "--server", "embedded", "--time", "10ms", "--repeat", "2", "--size", "1m", "--bs", "4k,64k", "--depth", "2", "--contenders", "netconn-copy,netconn-direct"},
	} {
		dir := t.TempDir()
		page, asJSON := filepath.Join(dir, "page.html"), filepath.Join(dir, "result.json")
		succeed(t, append(args, "--html", page, "--json", asJSON)...)
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "<svg "); n < 2*2+2*1 {
			t.Errorf("%s: %d plots of two cases", args[0], n)
		}
		found := pageData.FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s: no data in\n%s", args[0], text)
		}
		z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(html.UnescapeString(string(found[1])))))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(asJSON)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the page carries\n%s\nand not\n%s", args[0], got, want)
		}
	}
}
