package ring

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Arena is memory outside Go's heap, cut into blocks of one size: it never
// moves, the collector does not scan it, and it may be registered with a ring as
// one buffer. Get and Put are safe from many goroutines.
type Arena struct {
	mem        []byte
	blockBytes int
	guard      arenaGuard

	mu   sync.Mutex
	free []int32 // stack of block indexes
	out  []bool  // which blocks are with a user
}

// hugePageBytes is the size from which the kernel is asked for huge pages.
const hugePageBytes = 2 << 20

// NewArena maps count blocks of blockBytes each, rounded up to whole pages and
// aligned to them.
func NewArena(blockBytes, count int) (*Arena, error) {
	if blockBytes <= 0 || count <= 0 {
		return nil, fmt.Errorf("ring: an arena of %d blocks of %d bytes", count, blockBytes)
	}
	page := os.Getpagesize()
	blockBytes = (blockBytes + page - 1) / page * page
	mem, err := unix.Mmap(-1, 0, blockBytes*count, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("ring: mmap of an arena of %d bytes: %w", blockBytes*count, err)
	}
	if len(mem) >= hugePageBytes {
		adviseHuge(mem)
	}
	a := &Arena{mem: mem, blockBytes: blockBytes, free: make([]int32, count), out: make([]bool, count)}
	for i := range a.free {
		a.free[i] = int32(count - 1 - i)
	}
	return a, nil
}

// Bytes is the whole of the arena's memory, for registering it.
func (a *Arena) Bytes() []byte { return a.mem }

// BlockBytes is the size of every block.
func (a *Arena) BlockBytes() int { return a.blockBytes }

// Get hands out a block, or nil when all are out. Its content is what the last
// user left.
func (a *Arena) Get() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.free) == 0 {
		return nil
	}
	i := int(a.free[len(a.free)-1])
	a.free = a.free[:len(a.free)-1]
	a.out[i] = true
	p := a.mem[i*a.blockBytes : (i+1)*a.blockBytes : (i+1)*a.blockBytes]
	a.guardGet(p)
	return p
}

// Put takes a block back that Get handed out; any slice that starts where the
// block starts will do. Anything else, or a block put back twice, panics: both
// would hand one block to two users.
func (a *Arena) Put(p []byte) {
	p = p[:cap(p)]
	off := int(addressOf(p) - addressOf(a.mem))
	if len(p) == 0 || off < 0 || off >= len(a.mem) || off%a.blockBytes != 0 {
		panic("ring: Put of memory that is no block of this arena")
	}
	i := off / a.blockBytes
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.out[i] {
		panic("ring: block put back twice")
	}
	a.guardPut(a.mem[i*a.blockBytes:][:a.blockBytes])
	a.out[i] = false
	a.free = append(a.free, int32(i))
}

// ErrBlocksOut is returned by [Arena.Close] while blocks are still with a user.
var ErrBlocksOut = errors.New("ring: arena closed with blocks still out: memory kept")

// Close unmaps the arena. While blocks are out it does nothing but say so: a
// later access would fault, or a receive in flight would write elsewhere.
func (a *Arena) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mem == nil {
		return nil
	}
	if n := len(a.out) - len(a.free); n > 0 {
		return fmt.Errorf("%w (%d)", ErrBlocksOut, n)
	}
	err := unix.Munmap(a.mem)
	a.mem, a.free = nil, nil
	return err
}
