package server_test

import (
	"bytes"
	"testing"

	"github.com/ringreadv/ringreadv/bench/server"
)

func TestPatternIsTheSameFromEveryOffset(t *testing.T) {
	whole := make([]byte, 100)
	server.Pattern(7, 1<<40, whole)
	for from := range whole {
		for to := from; to <= len(whole); to++ {
			part := make([]byte, to-from)
			server.Pattern(7, 1<<40+int64(from), part)
			if !bytes.Equal(part, whole[from:to]) {
				t.Fatalf("bytes %d to %d are %x, want %x", from, to, part, whole[from:to])
			}
		}
	}
}

func TestPatternTellsPlacesAndFilesApart(t *testing.T) {
	seen := make(map[[8]byte]string)
	for _, seed := range []uint64{0, 1, 1 << 63} {
		for _, base := range []int64{0, 1 << 20, 1 << 32, 1 << 62} {
			for off := base; off < base+4096; off += 8 {
				var word [8]byte
				server.Pattern(seed, off, word[:])
				if other, ok := seen[word]; ok {
					t.Fatalf("seed %d, offset %d: %x is also at %s", seed, off, word, other)
				}
				seen[word] = "another place"
			}
		}
	}
}
