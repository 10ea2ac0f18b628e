// Package size reads and writes numbers of bytes as storage people do.
package size

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
)

// Parse reads a size: 4k, 128k and 1m are powers of two, as fio has it, and so are
// 4KiB and 1g; a plain number is bytes.
func Parse(s string) (int64, error) {
	given := s
	s = strings.ToLower(strings.TrimSpace(s))
	// To fio and its users k means 1024; to humanize it means 1000.
	if n := len(s); n > 0 && strings.ContainsRune("kmgt", rune(s[n-1])) {
		s += "ib"
	}
	v, err := humanize.ParseBytes(s)
	if err != nil || v > 1<<62 {
		return 0, fmt.Errorf("%q is no size; write it like 4k, 128k or 1m", given)
	}
	return int64(v), nil
}

// Name is a size as people read it: 4 KiB, 1.5 MiB.
func Name[T int | int64](n T) string {
	return strings.Replace(humanize.IBytes(uint64(n)), ".0 ", " ", 1)
}

// Flag is a size as people type it and [Parse] reads it: 4k, 1m.
func Flag[T int | int64](n T) string {
	for _, unit := range []struct {
		name  string
		bytes T
	}{{"g", 1 << 30}, {"m", 1 << 20}, {"k", 1 << 10}} {
		if n > 0 && n%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", n/unit.bytes, unit.name)
		}
	}
	return fmt.Sprint(n)
}
