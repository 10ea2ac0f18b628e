package rpcbind

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringreadv/ringreadv/xdrwire"
)

var update = flag.Bool("update", false, "rewrite testdata/*.want from what is decoded now")

// goldenDecoders say how the body of a reply is read, by the start of its file
// name. With the value they give what the encoder makes of it.
var goldenDecoders = map[string]func([]byte) (any, []byte, error){
	"getport-reply": golden(getPortReply),
	"getaddr-reply": golden(getAddrReply),
}

func golden[T any](c codec[T]) func([]byte) (any, []byte, error) {
	return func(b []byte) (any, []byte, error) {
		v, err := c.parse(b)
		return v, c.appendTo(nil, &v), err
	}
}

// TestGolden decodes each testdata/*.hex, one reply as it was on the wire with
// its record mark, and compares with the *.want beside it. The value must
// encode to the bytes it came from.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".hex")
		t.Run(name, func(t *testing.T) {
			got, err := decodeGolden(name, readHex(t, file))
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(got, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, '\n')
			wantFile := strings.TrimSuffix(file, ".hex") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// decodeGolden finds the decoder whose name starts the file's.
func decodeGolden(name string, frame []byte) (any, error) {
	for prefix, decode := range goldenDecoders {
		if name == prefix || strings.HasPrefix(name, prefix+"-") {
			return decodeReply(frame, decode)
		}
	}
	return nil, fmt.Errorf("no decoder for %q: name the file procedure-reply[-what]", name)
}

func decodeReply(frame []byte, decode func([]byte) (any, []byte, error)) (any, error) {
	if len(frame) < xdrwire.MarkBytes {
		return nil, xdrwire.ErrShort
	}
	mark, record := xdrwire.ParseMark(frame), frame[xdrwire.MarkBytes:]
	if mark.Len() < len(record) {
		return nil, fmt.Errorf("%d bytes follow a mark of %d", len(record), mark.Len())
	}
	h, n, err := xdrwire.ParseReply(record)
	if err == nil {
		err = h.Err()
	}
	if err != nil {
		return nil, err
	}
	body, again, err := decode(record[n:])
	if err == nil && !bytes.Equal(again, record[n:]) {
		err = fmt.Errorf("encoded again:\n%x, was\n%x", again, record[n:])
	}
	return struct {
		RecordBytes int
		Last        bool
		XID         uint32
		Body        any
	}{mark.Len(), mark.Last(), h.XID, body}, err
}

// readHex reads hex digits, leaving out white space and lines that start
// with #.
func readHex(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var digits []byte
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("#")) {
			digits = append(digits, bytes.Join(bytes.Fields(line), nil)...)
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return b
}
