package gfs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringreadv/ringreadv/ci/wiretest"
	"github.com/ringreadv/ringreadv/xdrwire"
)

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

// A frame may be cut inside its last field if that is payload.
func TestGolden(t *testing.T) {
	decoders := make(map[string]wiretest.Decoder)
	for name, decode := range goldenDecoders {
		isCall := strings.HasSuffix(name, "-args")
		decoders[name] = func(mark xdrwire.Mark, record []byte) (any, error) {
			return decodeRecord(mark, record, isCall, decode)
		}
	}
	wiretest.Golden(t, decoders)
}

func decodeRecord(mark xdrwire.Mark, record []byte, isCall bool, decode func([]byte) (any, error)) (any, error) {
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
