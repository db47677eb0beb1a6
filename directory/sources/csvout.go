package sources

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSVWriter writes CSV that can be opened in a spreadsheet without harm: a cell that a spreadsheet would take for a formula
// (B22) begins with an apostrophe, which spreadsheets do not show and ReadCSV takes off again. There is no way to write
// such cells raw. Whatever in Handrail writes CSV writes it with this.
type CSVWriter struct{ w *csv.Writer }

// NewCSVWriter writes to w. Lines end with a bare line feed, since CRLF would also be put into the cells that hold one.
func NewCSVWriter(w io.Writer) *CSVWriter { return &CSVWriter{w: csv.NewWriter(w)} }

// Write writes one row.
func (c *CSVWriter) Write(cells ...string) error {
	safe := make([]string, len(cells))
	for i, s := range cells {
		safe[i] = SafeCell(s)
	}
	if err := c.w.Write(safe); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// Flush writes what is held back and tells whether all was written. It may be called again.
func (c *CSVWriter) Flush() error {
	c.w.Flush()
	if err := c.w.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

// SafeCell is a cell that no spreadsheet takes for a formula. restoreCell gives the text back.
func SafeCell(s string) string {
	if needsQuote(s) {
		return "'" + s
	}
	return s
}

// restoreCell takes off the apostrophe that SafeCell, or somebody's spreadsheet, put before a cell.
func restoreCell(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && needsQuote(rest) {
		return rest
	}
	return s
}

// needsQuote reports whether a spreadsheet might run a cell: it begins, after spaces and apostrophes, with = + - @, their
// full-width forms, a tab or an end of line. The apostrophes count so that taking one off never uncovers a formula.
func needsQuote(s string) bool {
	s = strings.TrimLeft(s, "' \u00a0\u200b\ufeff")
	for _, prefix := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−", "|", "%"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}
