package compare

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/bench/report"
	"github.com/ringreadv/ringreadv/bench/size"
)

// failed says which contender failed, with what, where, and what to try.
func (m *match) failed(ctx context.Context, s *served, cell report.Case, k contender, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	step := fmt.Sprintf("%s × %d: %s", size.Name(cell.BlockBytes), cell.Depth, k.Name)
	return bench.Explain(bench.Hint(err, m.instead(k, err)), step, s.URLs[cell.Protocol])
}

// instead is what to try when a contender fails.
func (m *match) instead(k contender, err error) string {
	var wrong *WrongBytesError
	switch {
	case errors.As(err, &wrong) && k.ours:
		return "it once more; if bytes are wrong again this is a bug of uringbench: please report it, with what uringbench probe says"
	case errors.As(err, &wrong):
		return "whether somebody writes to the file; if nobody does, " + m.without(k)
	case k.ours && missing(err):
		return "uringbench probe, which says what this kernel offers; or " + m.without(k)
	}
	return m.without(k)
}

// without is how to compare the others.
func (m *match) without(k contender) string {
	var others []string
	for _, o := range m.contenders {
		if o.Name != k.Name {
			others = append(others, o.Name)
		}
	}
	if len(others) == 0 {
		return "another contender; uringbench compare --help lists them"
	}
	return "the others: --contenders " + strings.Join(others, ",")
}

// nobody says why there is nothing to compare.
func nobody(r *report.Report) error {
	why := r.AbsentLines()
	if len(why) == 0 {
		why = []string{"no contender reads from these servers by these protocols"}
	}
	return bench.Hint(errors.New("nothing to compare: "+strings.Join(why, "; ")), "uringbench compare --help, which says who reads by which protocol; the stub serves NFS only")
}

// otherServer is what to try when one does not start.
var otherServer = map[string]string{
	ServerEmbedded: "--server stub, or the URL of a file on a server of yours",
	ServerStub:     "--server embedded",
}
