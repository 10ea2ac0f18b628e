package bench

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/ringreadv/ringreadv/transport"
)

// ParseSize reads a size as storage people write it: 4k, 128k and 1m are powers
// of two, and so are 4KiB and 1g; a plain number is bytes.
func ParseSize(s string) (int64, error) {
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

// ParseList reads words or numbers between commas with the given function.
func ParseList[T any](s string, parse func(string) (T, error)) ([]T, error) {
	var list []T
	for _, word := range strings.Split(s, ",") {
		v, err := parse(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// ParseBlock reads a block size.
func ParseBlock(s string) (int, error) {
	v, err := ParseSize(s)
	if err == nil && v > maxBlockBytes {
		err = fmt.Errorf("block size %s: want at most %s", s, sizeName(maxBlockBytes))
	}
	return int(v), err
}

// ParseCount reads a number.
func ParseCount(s string) (int, error) {
	v, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", s)
	}
	return v, nil
}

// ParseName takes a word as it is; [Config.Validate] knows which there are.
func ParseName(s string) (string, error) { return s, nil }

// ParsePlan reads the name of a plan.
func ParsePlan(s string) (transport.Plan, error) { return transport.ParsePlan(s) }

// ParseFixed reads whether buffers are registered; auto leaves it to the
// library, which does not.
func ParseFixed(s string) (bool, error) {
	if s == "auto" {
		return false, nil
	}
	v, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is none of true, false, auto", s)
	}
	return v, nil
}

// sizeName is a size as people read it: 4 KiB, 1.5 MiB.
func sizeName(n int64) string { return strings.Replace(humanize.IBytes(uint64(n)), ".0 ", " ", 1) }

// BlockName is the same of a block.
func BlockName(n int) string { return sizeName(int64(n)) }
