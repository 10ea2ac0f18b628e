package bench

import (
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Table is text in columns: words to the left, numbers to the right.
type Table struct {
	head  []string
	words int // so many columns from the left hold words
	rows  [][]string
}

// NewTable returns an empty table; the first so many columns hold words.
func NewTable(words int, head ...string) *Table { return &Table{head: head, words: words} }

// Add adds a row of as many cells as the head has.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// drop removes a column.
func (t *Table) drop(column int) {
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

// Write draws it.
func (t *Table) Write(w io.Writer) error {
	out := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true}
	style.Format.Header = text.FormatDefault
	out.SetStyle(style)
	out.AppendHeader(cells(t.head))
	for _, row := range t.rows {
		out.AppendRow(cells(row))
	}
	var configs []table.ColumnConfig
	for i := range t.head {
		align := text.AlignRight
		if i < t.words {
			align = text.AlignLeft
		}
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
	}
	out.SetColumnConfigs(configs)
	_, err := io.WriteString(w, out.Render()+"\n")
	return err
}

func cells(words []string) table.Row {
	row := make(table.Row, len(words))
	for i, w := range words {
		row[i] = w
	}
	return row
}
