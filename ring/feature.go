package ring

import "fmt"

// Answer is what probing a feature found out.
type Answer int

const (
	// No: the kernel refused; the feature's Err says how.
	No Answer = iota
	// Yes: it was done once and worked.
	Yes
	// Forbidden: the kernel may have it, this process may not use it.
	Forbidden
)

func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case Forbidden:
		return "forbidden"
	}
	return "no"
}

// MarshalText writes the answer as its word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Feature is one thing a kernel may offer.
type Feature struct {
	// Name says what it is; Since is the first mainline kernel with it.
	Name, Since string
	Answer      Answer
	// Err is why the answer is not Yes.
	Err error
}

// Features is what probing found. The methods are what package transport asks.
type Features struct {
	Ring, BoundedWait, DeferredTaskrun            Feature
	BufferTable, ReadFixed, ReadvFixed, RecvFixed Feature
	WaitAll, CancelKeepsBytes, PollFirst          Feature
}

// All lists the features in the order in which people should read them.
func (f *Features) All() []Feature {
	return []Feature{
		f.Ring, f.BoundedWait, f.DeferredTaskrun, f.BufferTable, f.ReadFixed,
		f.ReadvFixed, f.RecvFixed, f.WaitAll, f.CancelKeepsBytes, f.PollFirst,
	}
}

func (f Feature) String() string {
	s := fmt.Sprintf("%s: %s", f.Name, f.Answer)
	if f.Err != nil {
		s += fmt.Sprintf(" (since Linux %s; %v)", f.Since, f.Err)
	}
	return s
}
