package wiretest

import (
	"bytes"
	"fmt"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Reply makes a [Decoder] of replies from one of their bodies, which returns
// with the value what the encoder makes of it: the bytes it came from.
func Reply(decode func(body []byte) (value any, again []byte, err error)) Decoder {
	return func(mark xdrwire.Mark, record []byte) (any, error) {
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
}
