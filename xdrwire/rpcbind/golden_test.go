package rpcbind

import (
	"testing"

	"github.com/ringreadv/ringreadv/ci/wiretest"
)

func TestGolden(t *testing.T) {
	wiretest.Golden(t, map[string]wiretest.Decoder{
		"getport-reply": getPortReply.Reply(),
		"getaddr-reply": getAddrReply.Reply(),
	})
}
