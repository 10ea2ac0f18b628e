package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Bounds of numbers in reports. What is shown is made of quotients of them, which stay
// finite, and short enough for tables.
const (
	maxNumber  = 1e15
	minNumber  = 1e-15 // but for 0
	maxSeconds = 1e9
)

// mayBeNegative are what something was taken off, by their keys.
var mayBeNegative = []string{"cpu_user_s", "cpu_sys_s", "wakeups", "wakeups_per_read", "preemptions"}

// parse reads a report, of which nothing is trusted: it may be a stranger's, and goes to
// terminals.
func parse(text []byte) (*Report, error) {
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, err
	}
	if r.Schema != Schema || r.Command == "" {
		return nil, &schemaError{r.Schema}
	}
	if r.Command != CommandRun && r.Command != CommandCompare {
		return nil, fmt.Errorf("command: %q is none that makes reports", r.Command)
	}
	if err := check("", reflect.ValueOf(r).Elem()); err != nil {
		return nil, err
	}
	for i := range r.Runs {
		if u := &r.Runs[i]; u.Reads > 0 && (u.Bytes == 0 || u.Seconds == 0) {
			return nil, fmt.Errorf("runs[%d].reads: %d in %v s that brought %d bytes", i, u.Reads, u.Seconds, u.Bytes)
		}
	}
	return r, nil
}

// schemaError is a report of another form.
type schemaError struct{ schema int }

func (e *schemaError) Error() string {
	return fmt.Sprintf("a report of schema %d, and this uringbench reads %d", e.schema, Schema)
}

// check refuses texts with control characters, and numbers that nobody can have
// measured. The path is that of the value, as its last key is in JSON.
func check(path string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		return checkText(path, v.String())
	case reflect.Int, reflect.Int64:
		return checkNumber(path, float64(v.Int()))
	case reflect.Float64:
		return checkNumber(path, v.Float())
	case reflect.Pointer:
		if !v.IsNil() {
			return check(path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := check(fmt.Sprintf("%s[%d]", path, i), v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			err := errors.Join(checkText(path, k.String()), check(fmt.Sprintf("%s[%q]", path, k.String()), v.MapIndex(k)))
			if err != nil {
				return err
			}
		}
	case reflect.Struct:
		return checkStruct(path, v)
	}
	return nil
}

func checkStruct(path string, v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return nil
	}
	for i := range v.NumField() {
		f, at := v.Type().Field(i), path
		if !f.Anonymous {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			at = strings.TrimPrefix(path+"."+key, ".")
		}
		if err := check(at, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkText(path, text string) error {
	if lastKey(path) == "reason" {
		text = strings.ReplaceAll(text, "\n", "") // what to try is on another line
	}
	if strings.ContainsFunc(text, unprintable) {
		return fmt.Errorf("%s: %q has a control character", path, text)
	}
	return nil
}

func checkNumber(path string, v float64) error {
	key, most := lastKey(path), float64(maxNumber)
	if key == "seconds" {
		most = maxSeconds
	}
	size := math.Abs(v)
	if size > most || v != 0 && size < minNumber || v < 0 && !slices.Contains(mayBeNegative, key) {
		return fmt.Errorf("%s: %v is nothing that was measured", path, v)
	}
	return nil
}

func lastKey(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// unprintable are characters that terminals act upon, or that change the order of others.
func unprintable(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// Printable is a text of somebody else as reports have it: blanks are where control
// characters were, but for ends of lines.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) && r != '\n' {
			return ' '
		}
		return r
	}, text)
}
