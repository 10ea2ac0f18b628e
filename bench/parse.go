package bench

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ringreadv/ringreadv/bench/size"
	"github.com/ringreadv/ringreadv/transport"
)

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
	v, err := size.Parse(s)
	if err == nil && v > maxBlockBytes {
		err = fmt.Errorf("block size %s: want at most %s", s, size.Name(maxBlockBytes))
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
