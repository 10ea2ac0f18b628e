package chaos

import (
	"math/bits"
	"math/rand/v2"
	"sync"
	"time"
)

// quarantine is where slabs are between two reads: wiped when a read has been
// reported, and looked at again when they are to be lent once more. What has been
// written to them meanwhile came too late.
type quarantine struct {
	canary []byte
	late   func(*slab) // called for a slab that was written to

	mu    sync.Mutex
	queue []stay
	held  int             // bytes in the queue
	free  map[int][]*slab // by length
}

type stay struct {
	slab  *slab
	since time.Time
}

const (
	// stayTime is how long a slab is left alone, unless the queue gets too long.
	stayTime = 200 * time.Millisecond
	// maxHeldBytes bounds the queue.
	maxHeldBytes  = 96 << 20
	minSlabBytes  = 1 << 10
	maxSlabBytes  = maxReadBytes + spareBytes
	canaryPattern = 0x63616e617279 // seeds it
)

func newQuarantine(late func(*slab)) *quarantine {
	q := &quarantine{canary: make([]byte, 2*maxSlabBytes), late: late, free: make(map[int][]*slab)}
	rnd := rand.New(rand.NewPCG(canaryPattern, 0))
	for i := range q.canary {
		q.canary[i] = byte(rnd.Uint32())
	}
	return q
}

// adopt makes a slab of memory that is not the quarantine's.
func (q *quarantine) adopt(mem []byte) *slab {
	s := &slab{mem: mem, canary: q.canary[:len(mem)]}
	s.wipe()
	return s
}

// take gives a slab for a read of n bytes.
func (q *quarantine) take(n int) *slab {
	size := max(minSlabBytes, 1<<bits.Len(uint(n+spareBytes-1)))
	q.letOut(time.Now().Add(-stayTime), maxHeldBytes)
	q.mu.Lock()
	defer q.mu.Unlock()
	if list := q.free[size]; len(list) > 0 {
		q.free[size] = list[:len(list)-1]
		return list[len(list)-1]
	}
	return q.adopt(make([]byte, size))
}

// put takes in a slab whose read has been reported.
func (q *quarantine) put(s *slab) {
	s.wipe()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue = append(q.queue, stay{s, time.Now()})
	q.held += len(s.mem)
}

// letOut looks at slabs that have been in since then, and at the oldest as long as
// more than so many bytes are held.
func (q *quarantine) letOut(then time.Time, most int) {
	for {
		q.mu.Lock()
		if len(q.queue) == 0 || q.queue[0].since.After(then) && q.held <= most {
			q.mu.Unlock()
			return
		}
		s := q.queue[0].slab
		q.queue = q.queue[1:]
		q.held -= len(s.mem)
		q.mu.Unlock()
		if !s.untouched() {
			q.late(s)
			s.wipe()
		}
		q.mu.Lock()
		q.free[len(s.mem)] = append(q.free[len(s.mem)], s)
		q.mu.Unlock()
	}
}

// lookAtAll ends every stay.
func (q *quarantine) lookAtAll() { q.letOut(time.Now(), 0) }
