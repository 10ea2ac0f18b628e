package chaos

import (
	"runtime"
	"sync"
	"time"
)

// watch knows what is under way and finds what does not end.
type watch struct {
	hung func(what string, stacks []byte) // called once for each

	mu      sync.Mutex
	pending map[*task]struct{}
}

// task is something that has to end in time.
type task struct {
	what string
	due  time.Time
	late bool
}

// lookEvery is how often tasks are looked at.
const lookEvery = 250 * time.Millisecond

func newWatch(hung func(string, []byte)) *watch {
	return &watch{hung: hung, pending: make(map[*task]struct{})}
}

// begin says that something has to end within its deadline and the grace.
func (w *watch) begin(what string, deadline time.Time) *task {
	t := &task{what: what, due: deadline.Add(grace)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending[t] = struct{}{}
	return t
}

func (w *watch) end(t *task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pending, t)
}

// look finds what is overdue.
func (w *watch) look(now time.Time) {
	w.mu.Lock()
	var found []string
	for t := range w.pending {
		if !t.late && now.After(t.due) {
			t.late = true
			found = append(found, t.what)
		}
	}
	w.mu.Unlock()
	if len(found) == 0 {
		return
	}
	all := stacks()
	for _, what := range found {
		w.hung(what, all)
	}
}

// stacks are those of all goroutines.
func stacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}

// run looks again and again until done is closed.
func (w *watch) run(done <-chan struct{}) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			w.look(time.Now())
		case <-done:
			return
		}
	}
}
