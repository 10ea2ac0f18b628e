package transport

import (
	"fmt"

	"github.com/ringreadv/ringreadv/xdrwire"
)

// Plan says how receives are aimed.
type Plan uint8

const (
	// PlanAuto is the engine's choice.
	PlanAuto Plan = iota
	// PlanExact receives a header, then exactly the payload it announces.
	PlanExact
	// PlanOverlap receives the rest of a payload together with the header
	// that follows it: one receive per reply where replies come back to back.
	PlanOverlap
)

var planNames = [...]string{"auto", "exact", "overlap"}

func (p Plan) String() string { return planNames[p] }

// ParsePlan is the inverse of String.
func ParsePlan(s string) (Plan, error) {
	for i, name := range planNames {
		if s == name {
			return Plan(i), nil
		}
	}
	return 0, fmt.Errorf("transport: no plan is called %q (auto, exact, overlap)", s)
}

// aim is where one receive puts the stream's next bytes: direct payload first,
// then staging.
type aim struct {
	direct  int // bytes of payload, straight into the call's target
	staging int // bytes into staging memory after that
	// certain: the server owes every one of these bytes without being asked
	// for anything more, so that waiting for all of them cannot hang.
	certain bool
}

// aimNext plans the next receive. header is how many bytes may be taken from the
// start of a record without running into a payload; room is the size of the
// staging memory.
func (r *receiver) aimNext(plan Plan, header, room int) aim {
	header = min(header, room)
	if r.phase == phasePayload && r.fragment > 0 {
		a := aim{direct: min(r.left, r.fragment), certain: true}
		if plan == PlanOverlap {
			// The payload's end is owed, what follows only hoped for.
			a.staging, a.certain = r.afterPayload(a.direct, header, room), false
		}
		return a
	}
	switch {
	case r.fragment == 0 && r.recordOpen():
		// The mark of the next fragment.
		return aim{staging: len(r.mark) - r.markLen, certain: true}
	case r.fragment == 0:
		return aim{staging: header - r.markLen}
	case r.phase == phaseHead:
		return aim{staging: min(r.fragment, r.want-len(r.head), room), certain: true}
	default: // body, padding or what is dropped
		return aim{staging: min(r.fragment, room), certain: true}
	}
}

// recordOpen reports whether the stream stands inside a record.
func (r *receiver) recordOpen() bool { return r.record > 0 || r.empty > 0 }

// afterPayload is how much to hope for behind direct bytes of payload: the
// padding and the next record's header, or the next fragment's mark.
func (r *receiver) afterPayload(direct, header, room int) int {
	rest := r.fragment - direct // of this fragment
	if direct < r.left {
		return rest + xdrwire.MarkBytes
	}
	if !r.last {
		return min(rest+xdrwire.MarkBytes, room)
	}
	return min(rest+header, room)
}

// settle takes in n bytes that a receive aimed by a has put in place.
func (r *receiver) settle(a aim, staging []byte, n int) error {
	direct := min(n, a.direct)
	if err := r.landed(direct); err != nil {
		return err
	}
	return r.feed(staging[:n-direct])
}
