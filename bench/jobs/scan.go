package jobs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLineBytes is how long a line may be; fio takes no longer ones either.
const maxLineBytes = 8 << 10

// line is a line that says something: a section's head or a setting.
type line struct {
	number  int
	section string // without brackets; "" in a setting
	key     string
	value   string // "" of a key alone
}

// scan calls each with every line that says something, and fail with every other
// that is not empty. This is no job for a reader of INI files: to fio quotes and
// backslashes mean nothing, comments begin anywhere, and messages have to name lines.
func scan(r io.Reader, each func(line), fail func(at int, problem string)) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLineBytes)
	n := 0
	for s.Scan() {
		n++
		l, problem := parseLine(s.Text())
		switch l.number = n; {
		case problem != "":
			fail(n, problem)
		case l.section != "" || l.key != "":
			each(l)
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		fail(n+1, fmt.Sprintf("the line is longer than %d bytes: is this a job file?", maxLineBytes))
		return nil
	}
	return s.Err()
}

func parseLine(text string) (l line, problem string) {
	if at := strings.IndexAny(text, ";#"); at >= 0 {
		text = text[:at]
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") {
		head := strings.TrimSpace(strings.TrimSuffix(text[1:], "]"))
		if !strings.HasSuffix(text, "]") || head == "" {
			return l, fmt.Sprintf("%q: want a section's name in brackets, as [global] or [job1]", text)
		}
		return line{section: head}, ""
	}
	key, value, given := strings.Cut(text, "=")
	l.key, l.value = strings.TrimSpace(key), strings.TrimSpace(value)
	switch {
	case text == "":
	case l.key == "":
		return l, fmt.Sprintf("%q: want a key before the =", text)
	case given && l.value == "":
		return l, fmt.Sprintf("%s=: want a value behind the =", l.key)
	}
	return l, ""
}
