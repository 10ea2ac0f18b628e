package gfs

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

// goldenDecoders say how the body of a frame is read, by the start of its file
// name: procedure, version for file operations, direction.
var goldenDecoders = func() map[string]func([]byte) (any, error) {
	m := map[string]func([]byte) (any, error){
		"getspec-args":      plain(ParseGetSpecArgs),
		"getspec-reply":     plain(ParseGetSpecReply),
		"setvolume-args":    plain(ParseSetVolumeArgs),
		"setvolume-reply":   plain(ParseSetVolumeReply),
		"portbybrick-args":  plain(ParsePortByBrickArgs),
		"portbybrick-reply": plain(ParsePortByBrickReply),
		"dump-args":         plain(ParseDumpArgs),
		"dump-reply":        plain(ParseDumpReply),
		"ping-reply":        plain(ParsePingReply),
	}
	for _, vers := range []uint32{V330, V400} {
		for name, decode := range map[string]func([]byte) (any, error){
			"lookup-%d-args":      fop(vers, ParseLookupArgs),
			"lookup-%d-reply":     fop(vers, ParseLookupReply),
			"open-%d-args":        fop(vers, ParseOpenArgs),
			"open-%d-reply":       fop(vers, ParseOpenReply),
			"opendir-%d-args":     fop(vers, ParseOpendirArgs),
			"opendir-%d-reply":    fop(vers, ParseOpenReply),
			"read-%d-args":        fop(vers, ParseReadArgs),
			"read-%d-reply":       fop(vers, parseReadReplyStart),
			"stat-%d-args":        fop(vers, ParseStatArgs),
			"stat-%d-reply":       fop(vers, ParseStatReply),
			"fstat-%d-args":       fop(vers, ParseFstatArgs),
			"fstat-%d-reply":      fop(vers, ParseStatReply),
			"readdirp-%d-args":    fop(vers, ParseReaddirpArgs),
			"readdirp-%d-reply":   fop(vers, ParseReaddirpReply),
			"readlink-%d-args":    fop(vers, ParseReadlinkArgs),
			"readlink-%d-reply":   fop(vers, ParseReadlinkReply),
			"release-%d-args":     fop(vers, ParseReleaseArgs),
			"release-%d-reply":    fop(vers, ParseReleaseReply),
			"releasedir-%d-args":  fop(vers, ParseReleaseArgs),
			"releasedir-%d-reply": fop(vers, ParseReleaseReply),
		} {
			m[fmt.Sprintf(name, vers)] = decode
		}
	}
	return m
}()

func plain[T any](parse func([]byte) (T, error)) func([]byte) (any, error) {
	return func(b []byte) (any, error) { return parse(b) }
}

func fop[T any](vers uint32, parse func(uint32, []byte) (T, error)) func([]byte) (any, error) {
	return func(b []byte) (any, error) { return parse(vers, b) }
}

// readReplyStart is a READ reply as far as a golden file has it.
type readReplyStart struct {
	ReadReply
	Head     ReadHead
	HeadSize int
	Payload  []byte
}

func parseReadReplyStart(vers uint32, b []byte) (readReplyStart, error) {
	r, n, err := ParseReadReply(vers, b)
	if err != nil {
		return readReplyStart{}, err
	}
	head, m, err := ParseReadReplyHead(vers, b)
	if err == nil && m != n {
		err = fmt.Errorf("the lean reader finds the payload at %d, the full one at %d", m, n)
	}
	return readReplyStart{r, head, n, b[min(n, len(b)):]}, err
}

// TestGolden decodes each testdata/*.hex, one frame as it was on the wire with
// its record mark, and compares with the *.want beside it. A frame may be cut
// inside its last field if that is payload.
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
			return decodeFrame(frame, strings.HasSuffix(prefix, "-args"), decode)
		}
	}
	return nil, fmt.Errorf("no decoder for %q: name the file procedure[-version]-args|reply[-what]", name)
}

func decodeFrame(frame []byte, isCall bool, decode func([]byte) (any, error)) (any, error) {
	if len(frame) < xdrwire.MarkBytes {
		return nil, xdrwire.ErrShort
	}
	mark, record := xdrwire.ParseMark(frame), frame[xdrwire.MarkBytes:]
	if mark.Len() < len(record) {
		return nil, fmt.Errorf("%d bytes follow a mark of %d", len(record), mark.Len())
	}
	var (
		head any
		n    int
		err  error
	)
	if isCall {
		head, n, err = xdrwire.ParseCall(record)
	} else {
		var h xdrwire.ReplyHeader
		h, n, err = xdrwire.ParseReply(record)
		if err == nil {
			err = h.Err()
		}
		head = h
	}
	if err != nil {
		return nil, err
	}
	body, err := decode(record[n:])
	return struct {
		RecordBytes int
		Last        bool
		Header      any
		Body        any
	}{mark.Len(), mark.Last(), head, body}, err
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
