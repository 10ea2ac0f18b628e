package jobs

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bounds that keep sums of what a file says far from overflowing.
const (
	maxSizeBytes = 1 << 60
	maxTime      = 366 * 24 * time.Hour
	maxCount     = 1 << 20
)

// cutNumber takes the digits off the front.
func cutNumber(s string) (n int64, suffix string, ok bool) {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	return n, strings.ToLower(s[end:]), err == nil
}

// sizeUnits are fio's, of which the ones with an i are powers of 1000 as long as its
// key kb_base is left alone.
var sizeUnits = func() map[string]int64 {
	units := map[string]int64{"": 1, "b": 1}
	binary, decimal := int64(1), int64(1)
	for _, letter := range []string{"k", "m", "g", "t", "p"} {
		binary, decimal = binary<<10, decimal*1000
		units[letter], units[letter+"b"], units[letter+"ib"] = binary, binary, decimal
	}
	return units
}()

// parseSize reads a size of at least one byte.
func parseSize(s string) (int64, error) {
	n, suffix, ok := cutNumber(s)
	unit, known := sizeUnits[suffix]
	if !ok || !known || n < 1 {
		return 0, errors.New("want a size like 512, 4k, 128k or 1m")
	}
	if n > maxSizeBytes/unit {
		return 0, errors.New("that is too large")
	}
	return n * unit, nil
}

var timeUnits = map[string]time.Duration{
	"us": time.Microsecond, "usec": time.Microsecond, "ms": time.Millisecond, "msec": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// parseTime reads a time; one without a suffix is in the given unit.
func parseTime(s string, unit time.Duration) (time.Duration, error) {
	n, suffix, ok := cutNumber(s)
	if suffix != "" && ok {
		unit, ok = timeUnits[suffix]
	}
	if !ok {
		return 0, errors.New("want a time like 10, 500ms, 2s or 5m")
	}
	if n > int64(maxTime/unit) {
		return 0, errors.New("that is too long")
	}
	return time.Duration(n) * unit, nil
}

// parseCount reads a number of at least 1.
func parseCount(s string) (int, error) {
	n, suffix, ok := cutNumber(s)
	if !ok || suffix != "" || n < 1 || n > maxCount {
		return 0, fmt.Errorf("want a number from 1 to %d", maxCount)
	}
	return int(n), nil
}

// parseFlag reads what may stand alone.
func parseFlag(s string) (bool, error) {
	switch s {
	case "", "1":
		return true, nil
	case "0":
		return false, nil
	}
	return false, errors.New("want 1 or 0, or the key alone")
}

// forReads is the part of a list by commas that is about reads; "": nothing is.
func forReads(s string) string {
	first, _, _ := strings.Cut(s, ",")
	return strings.TrimSpace(first)
}

// parseRange reads two sizes, the least and the most.
func parseRange(s string) (least, most int64, err error) {
	at := strings.IndexAny(s, "-:")
	if at < 0 {
		return 0, 0, errors.New("want a least and a largest size, as 4k-64k")
	}
	least, err = parseSize(strings.TrimSpace(s[:at]))
	if err == nil {
		most, err = parseSize(strings.TrimSpace(s[at+1:]))
	}
	if err == nil && least > most {
		err = errors.New("the least size comes first")
	}
	return least, most, err
}

// parseNames takes a list by colons apart.
func parseNames(s string) ([]string, error) {
	names := splitNames(s)
	if isURL(s) {
		names = splitURLs(s)
	}
	for _, n := range names {
		if n == "" {
			return nil, errors.New("one of the names is empty")
		}
		// A // at the front is what a colon left of a URL.
		if strings.HasPrefix(n, "//") || strings.Count(n, "://") > 1 || strings.Contains(n, "://") && !isURL(n) {
			return nil, errors.New(`want names with a : between them, or URLs, gluster://… or nfs://…; write \: for a : in a name`)
		}
	}
	return names, nil
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "gluster://") || strings.HasPrefix(s, "nfs://")
}

// splitURLs cuts where the next URL begins: colons of a URL are its own.
func splitURLs(s string) []string {
	var list []string
	for {
		cut := math.MaxInt
		for _, next := range []string{":gluster://", ":nfs://"} {
			if at := strings.Index(s, next); at >= 0 {
				cut = min(cut, at)
			}
		}
		if cut == math.MaxInt {
			return append(list, s)
		}
		list, s = append(list, s[:cut]), s[cut+1:]
	}
}

// splitNames cuts at colons without a backslash before them.
func splitNames(s string) []string {
	var list []string
	var name strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ':':
			i++
			name.WriteByte(':')
		case s[i] == ':':
			list = append(list, name.String())
			name.Reset()
		default:
			name.WriteByte(s[i])
		}
	}
	return append(list, name.String())
}
