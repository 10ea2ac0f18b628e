package mount3

import (
	"testing"

	"github.com/ringreadv/ringreadv/ci/wiretest"
)

func TestGolden(t *testing.T) {
	wiretest.Golden(t, map[string]wiretest.Decoder{
		"mnt-reply":    mntReply.Reply(),
		"export-reply": exportReply.Reply(),
	})
}
