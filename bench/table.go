package bench

import (
	"io"
	"strings"
	"unicode/utf8"
)

// table is text in columns: words to the left, numbers to the right.
type table struct {
	head  []string
	words int // so many columns from the left hold words
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// drop removes a column.
func (t *table) drop(column int) {
	for _, row := range append([][]string{t.head}, t.rows...) {
		copy(row[column:], row[column+1:])
	}
	t.head = t.head[:len(t.head)-1]
	for i := range t.rows {
		t.rows[i] = t.rows[i][:len(t.head)]
	}
	if column < t.words {
		t.words--
	}
}

const columnGap = "  "

func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, row := range all {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString(columnGap)
			}
			if i < t.words {
				line.WriteString(cell + pad)
			} else {
				line.WriteString(pad + cell)
			}
		}
		b.WriteString("  " + strings.TrimRight(line.String(), " ") + "\n")
		if n == 0 {
			b.WriteString("  " + strings.Repeat("─", utf8.RuneCountInString(line.String())) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
