// Package table writes text in columns.
package table

import (
	"io"
	"slices"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table is text in columns: words to the left, numbers to the right.
type Table struct {
	head  []string
	words int // so many columns from the left hold words
	rows  [][]string
}

// New returns an empty table; the first so many columns hold words.
func New(words int, head ...string) *Table { return &Table{head: head, words: words} }

// Add adds a row of as many cells as the head has.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// DropIdle removes every column without any text, and those of the named ones that
// say the same in all rows, or nothing in some: with one of a kind there is nothing to
// tell apart.
func (t *Table) DropIdle(kinds ...string) {
	for i := len(t.head) - 1; i >= 0; i-- {
		said := make(map[string]bool)
		for _, row := range t.rows {
			if row[i] != "" {
				said[row[i]] = true
			}
		}
		if len(said) == 0 || len(said) == 1 && slices.Contains(kinds, t.head[i]) {
			t.drop(i)
		}
	}
}

// drop removes a column.
func (t *Table) drop(column int) {
	t.head = slices.Delete(slices.Clone(t.head), column, column+1)
	for i := range t.rows {
		t.rows[i] = slices.Delete(t.rows[i], column, column+1)
	}
	if column < t.words {
		t.words--
	}
}

// Write draws it.
func (t *Table) Write(w io.Writer) error {
	out := pretty.NewWriter()
	style := pretty.StyleLight
	style.Options = pretty.Options{SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	out.SetStyle(style)
	out.AppendHeader(cells(t.head))
	for _, row := range t.rows {
		out.AppendRow(cells(row))
	}
	var configs []pretty.ColumnConfig
	for i := range t.head {
		align := text.AlignRight
		if i < t.words {
			align = text.AlignLeft
		}
		configs = append(configs, pretty.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
	}
	out.SetColumnConfigs(configs)
	_, err := io.WriteString(w, out.Render()+"\n")
	return err
}

func cells(words []string) pretty.Row {
	row := make(pretty.Row, len(words))
	for i, w := range words {
		row[i] = w
	}
	return row
}
