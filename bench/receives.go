package bench

// Receives counts receives by the plan that they were aimed by, of engine uring.
type Receives struct {
	Exact       uint64 `json:"exact"`
	Overlap     uint64 `json:"overlap"`
	Staged      uint64 `json:"staged"`
	Speculative uint64 `json:"speculative"`
}

func (r Receives) plus(o Receives) Receives {
	return Receives{r.Exact + o.Exact, r.Overlap + o.Overlap, r.Staged + o.Staged, r.Speculative + o.Speculative}
}

func (r Receives) minus(o Receives) Receives {
	return Receives{r.Exact - o.Exact, r.Overlap - o.Overlap, r.Staged - o.Staged, r.Speculative - o.Speculative}
}
