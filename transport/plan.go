package transport

import (
	"fmt"
	"strings"
)

// Plan says how receives are aimed.
type Plan uint8

const (
	// PlanAuto is the engine's choice, before each receive: staged while only
	// small reads are outstanding; speculative while replies have come in the
	// order of the calls; exact for the last payload that is owed; else
	// overlap.
	PlanAuto Plan = iota
	// PlanExact receives a header, then exactly the payload it announces.
	PlanExact
	// PlanOverlap receives the rest of a payload together with the header
	// that follows it: one receive per reply where replies come back to back.
	PlanOverlap
	// PlanStaged receives as many replies as there are into staging memory
	// and copies their payload: many small reads with one receive.
	PlanStaged
	// PlanSpeculative expects replies in the order of the calls, with heads as
	// long as the last one's, and scatters several of them with one receive.
	// Where that was wrong bytes are moved to where they belong. Chosen by
	// name, it guesses however often it was wrong.
	PlanSpeculative
)

var planNames = [...]string{"auto", "exact", "overlap", "staged", "speculative"}

func (p Plan) String() string { return planNames[p] }

// ParsePlan is the inverse of String.
func ParsePlan(s string) (Plan, error) {
	for i, name := range planNames {
		if s == name {
			return Plan(i), nil
		}
	}
	return 0, fmt.Errorf("transport: no plan is called %q (%s)", s, strings.Join(planNames[:], ", "))
}
