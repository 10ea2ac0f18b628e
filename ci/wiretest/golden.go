package wiretest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/golden"
	"github.com/ringreadv/ringreadv/xdrwire"
)

// Decoder reads one record, whose mark may promise more than is there, and
// returns what a golden file shows of it.
type Decoder func(mark xdrwire.Mark, record []byte) (any, error)

// Golden decodes each testdata/*.hex, one frame as it was on the wire with its
// record mark, and compares with the *.want beside it. The decoder is the one
// whose name starts the file's, followed by nothing or by a dash. With -update
// the *.want are written anew.
func Golden(t *testing.T, decoders map[string]Decoder) {
	files, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		base := strings.TrimSuffix(file, ".hex")
		name := filepath.Base(base)
		t.Run(name, func(t *testing.T) {
			got, err := decodeFrame(decoders, name, ReadHex(t, file))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, base+".want", got)
		})
	}
}

func decodeFrame(decoders map[string]Decoder, name string, frame []byte) (any, error) {
	if len(frame) < xdrwire.MarkBytes {
		return nil, xdrwire.ErrShort
	}
	mark, record := xdrwire.ParseMark(frame), frame[xdrwire.MarkBytes:]
	if mark.Len() < len(record) {
		return nil, fmt.Errorf("%d bytes follow a mark of %d", len(record), mark.Len())
	}
	for prefix, decode := range decoders {
		if name == prefix || strings.HasPrefix(name, prefix+"-") {
			return decode(mark, record)
		}
	}
	return nil, fmt.Errorf("no decoder for %q: name the file procedure[-version]-args|reply[-what]", name)
}

// compare holds got, as JSON, against the file.
func compare(t *testing.T, wantFile string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, wantFile, string(text)+"\n")
}
