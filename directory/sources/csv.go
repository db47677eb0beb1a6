package sources

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"handrail"
)

// ReadCSV imports a table of groups from a CSV file, one group a row. The separator (comma, semicolon, tab, bar), the encoding
// (UTF-8, Windows-1252, UTF-16 with its mark) and the row of the headings are found out. The zero Mapping makes it guess
// the columns (GuessMapping), and refuse when it cannot tell which one holds the names.
//
// A row that cannot be used is reported and left out; one with a bad part is reported and kept without it. A row has the
// id of its id column or, without one, an id made of its name, postcode and weekday, which stays when the row is moved.
// Rows with the same id are one group: their times are joined. An error means that the reading stopped: the result then
// holds what was read before. It may be called again on another reader at any time.
func ReadCSV(ctx context.Context, r io.Reader, source string, m Mapping, opts ...Option) (Result, error) {
	return readTable(ctx, newCSVRows(r), source, m, nil, opts)
}

// ScanCSV is ReadCSV for files that are too large to keep: each activity is handed to take when it is whole, and the
// Result counts the records and holds the problems, with no activities. Only rows that follow each other are joined;
// a later one of the same group is reported and left out. An error of take ends the reading and is returned wrapped.
func ScanCSV(ctx context.Context, r io.Reader, source string, m Mapping, take func(handrail.Activity) error, opts ...Option) (Result, error) {
	return readTable(ctx, newCSVRows(r), source, m, take, opts)
}

// readCSV is ReadCSV with the columns guessed.
func readCSV(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	return ReadCSV(ctx, r, source, Mapping{}, opts...)
}

// SampleCSV reads the head of a CSV file, for a person to confirm its columns.
func SampleCSV(ctx context.Context, r io.Reader) (Sample, error) {
	h, err := readHead(ctx, newCSVRows(r), Mapping{})
	return h.Sample, tableError(err)
}

// maxOpenQuotes is how many rows may lack their closing quotation mark. Each costs a look ahead of maxRowBytes.
const maxOpenQuotes = 50

// csvRows reads CSV as people write it rather than as RFC 4180 has it: quotation marks inside a cell, rows of different
// lengths, any kind of line end. A quotation mark that is never closed costs its own line and not the rest of the file;
// that, and a bound on what one cell can hold, is why it is not encoding/csv.
type csvRows struct {
	r         *bufio.Reader
	separator byte
	width     int // how many cells most rows have
	begun     bool
	line      int
	cells     []string
	cell      []byte
	open      int
}

func newCSVRows(r io.Reader) *csvRows {
	return &csvRows{r: bufio.NewReaderSize(decoded(r), maxRowBytes), line: 1}
}

// decoded takes UTF-16 and the mark of UTF-8 off. What is left is UTF-8 or Windows-1252, which are told apart cell by
// cell: files that were pasted together hold both.
func decoded(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 4096)
	mark, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case len(mark) == 4 && mark[0] != 0 && mark[1] == 0 && mark[2] != 0 && mark[3] == 0: // it lost its mark
		return transform.NewReader(b, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder())
	case len(mark) == 4 && mark[0] == 0 && mark[1] != 0 && mark[2] == 0 && mark[3] != 0:
		return transform.NewReader(b, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder())
	}
	return b
}

func (s *csvRows) dates1904() bool { return false }

// begin finds the separator.
func (s *csvRows) begin() error {
	s.begun = true
	sample, err := s.r.Peek(64 << 10)
	if len(sample) == 0 {
		if errors.Is(err, io.EOF) {
			return handrail.Errorf(handrail.KindInvalid, "The file is empty.", "read csv: it is empty")
		}
		return fmt.Errorf("read csv: %w", err)
	}
	for _, known := range []string{"PK\x03\x04", "%PDF", "\xd0\xcf\x11\xe0", "{\\rtf", "\x1f\x8b"} {
		if bytes.HasPrefix(sample, []byte(known)) {
			return handrail.Errorf(handrail.KindInvalid, "That is not a CSV file. If it is a spreadsheet, please save it as XLSX or CSV.", "read csv: it is of another kind")
		}
	}
	if len(sample) > 6 && strings.EqualFold(string(sample[:4]), "sep=") && (sample[5] == '\r' || sample[5] == '\n') {
		s.separator = sample[4] // Excel's own way of saying it
		line, _ := s.r.ReadSlice('\n')
		s.line += bytes.Count(line, []byte("\n"))
		return nil
	}
	s.separator, s.width = separatorOf(sample)
	return nil
}

// separatorOf is the separator that cuts the first rows into the most even columns, and how many there then are.
func separatorOf(sample []byte) (best byte, columns int) {
	best, score := byte(','), 0.0
	for _, separator := range []byte{',', ';', '\t', '|'} {
		widths := map[int]int{}
		rows, rest := 0, sample
		for rows < 30 && len(rest) > 0 {
			one := csvRows{separator: separator}
			n, cut := one.split(rest, true)
			if cut || n == 0 {
				break
			}
			rest = rest[n:]
			if filled := len(one.cells); filled > 1 || len(one.cells[0]) > 0 {
				rows++
				widths[filled]++
			}
		}
		for width, count := range widths {
			if points := float64(width-1) * float64(count) / float64(max(rows, 1)); width > 1 && points > score {
				best, columns, score = separator, width, points
			}
		}
	}
	return best, columns
}

// next gives the next row.
func (s *csvRows) next() (int, []string, error) {
	if !s.begun {
		if err := s.begin(); err != nil {
			return s.line, nil, err
		}
	}
	line := s.line
	var data []byte
	for want := 4096; ; want = min(want*4, maxRowBytes) {
		var err error
		data, err = s.r.Peek(want)
		if err != nil && !errors.Is(err, io.EOF) {
			return line, nil, fmt.Errorf("read csv: %w", err)
		}
		if len(data) == 0 {
			return line, nil, io.EOF
		}
		whole := err != nil // what is there is all that is left
		n, cut := s.split(data, whole)
		if !cut && s.swallowed() {
			break
		}
		if !cut {
			s.advance(n, data)
			if len(s.cells) > maxCells {
				return line, nil, rowError(tooManyCells)
			}
			return line, s.cells, nil
		}
		if whole || want == maxRowBytes {
			break
		}
	}
	// The row does not end: a quotation mark is open, or the line is enormous. Only this line is given up.
	if s.open++; s.open > maxOpenQuotes {
		return line, nil, handrail.Errorf(handrail.KindInvalid, "Too many rows of the file have a quotation mark that is never closed.", "read csv: line %d: too many open quotation marks", line)
	}
	if n := bytes.IndexAny(data, "\r\n"); n >= 0 {
		s.advance(n+1, data)
		return line, nil, rowError("a quotation mark in it is never closed")
	}
	for {
		part, err := s.r.ReadSlice('\n')
		s.line += bytes.Count(part, []byte("\n"))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, nil, rowError("the row is too long")
		}
	}
}

// swallowed reports whether a cell of the row has taken in whole rows, since its quotation mark was closed by that of a later
// row: the row is then too short, and a line within the cell is as wide as a row.
func (s *csvRows) swallowed() bool {
	if s.width < 3 || len(s.cells) >= s.width {
		return false
	}
	for _, cell := range s.cells {
		if _, rest, many := strings.Cut(cell, "\n"); many {
			for line := range strings.SplitSeq(rest, "\n") {
				if strings.Count(line, string(s.separator)) == s.width-1 {
					return true
				}
			}
		}
	}
	return false
}

// advance goes past n bytes of what was peeked.
func (s *csvRows) advance(n int, data []byte) {
	if n > 0 && data[n-1] == '\r' {
		for _, rest := range []string{"\n", "\r\n"} { // "\r\r\n" is what two programs make of one line end
			if bytes.HasPrefix(data[n:], []byte(rest)) {
				n += len(rest)
				break
			}
		}
	}
	lines := bytes.Count(data[:n], []byte("\n"))
	if lines == 0 {
		lines = bytes.Count(data[:n], []byte("\r"))
	}
	s.line += lines
	_, _ = s.r.Discard(n) // it was peeked, so it is there
}

// split cuts the first row of data into s.cells and returns how many bytes it took. cut is true when the row does not end in
// data; last says that nothing follows data, so that its end ends an unquoted row.
func (s *csvRows) split(data []byte, last bool) (n int, cut bool) {
	s.cells = s.cells[:0]
	for i := 0; ; {
		s.cell = s.cell[:0]
		k := i
		for k < len(data) && data[k] == ' ' {
			k++
		}
		if k < len(data) && data[k] == '"' {
			end, closed := s.quoted(data, k+1, last)
			if !closed {
				return 0, true
			}
			i = end
		} else {
			end := i
			for end < len(data) && data[end] != s.separator && data[end] != '\n' && data[end] != '\r' {
				end++
			}
			s.cell = append(s.cell, data[i:end]...)
			i = end
		}
		s.cells = append(s.cells, inUTF8(s.cell))
		if i >= len(data) {
			return len(data), !last
		}
		if data[i] != s.separator {
			return i + 1, false
		}
		i++
	}
}

// quoted reads a quoted cell from after its first mark and returns where it ends. A mark that is followed by neither a
// separator nor a line's end belongs to the text.
func (s *csvRows) quoted(data []byte, i int, last bool) (end int, closed bool) {
	for i < len(data) {
		c := data[i]
		if c != '"' {
			s.cell = append(s.cell, c)
			i++
			continue
		}
		if i+1 < len(data) && data[i+1] == '"' {
			s.cell = append(s.cell, '"')
			i += 2
			continue
		}
		k := i + 1
		for k < len(data) && data[k] == ' ' {
			k++
		}
		if k == len(data) {
			return k, last
		}
		if data[k] == s.separator || data[k] == '\n' || data[k] == '\r' {
			return k, true
		}
		s.cell = append(s.cell, '"')
		i++
	}
	return i, false
}

// inUTF8 is a cell as text. Bytes that are no UTF-8 are Windows-1252, which is what spreadsheets on Windows write; text that
// was turned into UTF-8 twice is turned back once.
func inUTF8(cell []byte) string {
	if utf8.Valid(cell) {
		s := string(cell)
		if strings.Contains(s, "â€") || strings.Contains(s, "Ã") || strings.Contains(s, "Â") {
			if back, err := charmap.Windows1252.NewEncoder().String(s); err == nil && utf8.ValidString(back) {
				return back
			}
		}
		return s
	}
	var b strings.Builder
	for len(cell) > 0 {
		r, n := utf8.DecodeRune(cell)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(cell[0])
		}
		b.WriteRune(r)
		cell = cell[n:]
	}
	return b.String()
}
