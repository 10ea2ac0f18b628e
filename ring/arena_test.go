package ring

import (
	"errors"
	"testing"
)

func TestArena(t *testing.T) {
	a, err := NewArena(5000, 3)
	if err != nil {
		t.Fatal(err)
	}
	if a.BlockBytes() != 8192 || len(a.Bytes()) != 3*8192 {
		t.Errorf("blocks of %d in %d bytes", a.BlockBytes(), len(a.Bytes()))
	}
	seen := map[uint64]bool{}
	var blocks [][]byte
	for p := a.Get(); p != nil; p = a.Get() {
		seen[addressOf(p)] = true
		blocks = append(blocks, p)
	}
	if len(blocks) != 3 || len(seen) != 3 {
		t.Fatalf("%d blocks, %d different", len(blocks), len(seen))
	}
	if cap(blocks[0]) != 8192 {
		t.Error("a block reaches into its neighbour")
	}
	if err := a.Close(); !errors.Is(err, ErrBlocksOut) {
		t.Error("Close with blocks out:", err)
	}
	for _, p := range blocks {
		a.Put(p[:10])
	}
	for name, p := range map[string][]byte{
		"a block put back twice": blocks[0],
		"memory of someone else": make([]byte, 8192),
		"the middle of a block":  blocks[1][1:],
		"nothing":                nil,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken back", name)
				}
			}()
			a.Put(p)
		}()
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Error(err)
	}
	if _, err := NewArena(0, 1); err == nil {
		t.Error("an arena of empty blocks")
	}
}
