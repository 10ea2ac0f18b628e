package nfs3

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ringreadv/ringreadv/ci/wiretest"
)

func TestGolden(t *testing.T) {
	wiretest.Golden(t, map[string]wiretest.Decoder{
		"getattr-reply":     getattrReply.Reply(),
		"lookup-reply":      lookupReply.Reply(),
		"access-reply":      accessReply.Reply(),
		"readlink-reply":    readlinkReply.Reply(),
		"fsinfo-reply":      fsinfoReply.Reply(),
		"read-reply":        wiretest.Reply(goldenRead),
		"readdirplus-reply": wiretest.Reply(goldenReaddirplus),
	})
}

// goldenRead shows what both readers see. A frame may be cut inside its
// payload.
func goldenRead(b []byte) (any, []byte, error) {
	full, n, err := ParseReadReply(b)
	if err != nil {
		return nil, nil, err
	}
	head, m, err := ParseReadReplyHead(b)
	if err == nil && m != n {
		err = fmt.Errorf("the lean reader finds the payload at %d, the full one at %d", m, n)
	}
	return struct {
		Full     ReadReply
		Lean     ReadHead
		HeadSize int
		Payload  []byte
	}{full, head, n, b[n:]}, append(AppendReadReplyHead(nil, &full), b[n:]...), err
}

func goldenReaddirplus(b []byte) (any, []byte, error) {
	r, err := ParseReaddirplusReply(b)
	entries := slices.Collect(r.Entries.All())
	again := r
	again.Entries = entriesOf(entries...)
	return struct {
		ReaddirplusReply
		Entries []DirEntry
	}{r, entries}, AppendReaddirplusReply(nil, &again), err
}
