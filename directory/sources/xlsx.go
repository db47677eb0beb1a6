package sources

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"handrail"
)

// ReadXLSX imports a table of groups from an Excel workbook of the given size, as ReadCSV does from a CSV file. It reads every
// visible sheet that has the columns, and says which sheets it left out. Cells are read as they are shown, so that dates
// and times are what a person sees; formulas are never worked out, only the value that was saved with them is read. Of
// cells merged downwards each row has the value. The workbook must fit in memory (48 MB), its sheets need not.
func ReadXLSX(ctx context.Context, r io.ReaderAt, size int64, source string, m Mapping, opts ...Option) (Result, error) {
	var out Result
	book, err := openBook(r, size)
	if err != nil {
		return out, err
	}
	defer book.Close()
	err = book.read(ctx, source, m, &out, opts)
	return out, tableError(err)
}

// readXLSX is ReadXLSX of a file that comes as a stream, with the columns guessed.
func readXLSX(ctx context.Context, r io.Reader, source string, opts ...Option) (Result, error) {
	at, err := inFull(r)
	if err != nil {
		return Result{}, err
	}
	return ReadXLSX(ctx, at, at.Size(), source, Mapping{}, opts...)
}

// SampleXLSX reads the head of the sheet that ReadXLSX would begin with, for a person to confirm its columns.
func SampleXLSX(ctx context.Context, r io.ReaderAt, size int64) (Sample, error) {
	book, err := openBook(r, size)
	if err != nil {
		return Sample{}, err
	}
	defer book.Close()
	heads, err := book.heads(ctx, Mapping{})
	defer closeAll(heads)
	if err != nil {
		return Sample{}, tableError(err)
	}
	return heads[mainSheet(heads)].Sample, nil
}

// The bounds of a workbook (B24).
const (
	maxSheets    = 100
	maxSheet     = 96 << 20 // bytes of a sheet's XML
	maxStrings   = 32 << 20 // bytes of the workbook's texts
	maxOther     = 48 << 20 // bytes of all else, which is held in memory
	inMemory     = 8 << 20  // a sheet beyond this is unpacked to a temporary file
	maxEmptyRows = 100_000  // so many empty rows end a sheet
	maxLine      = 1 << 20  // no sheet of Excel has a line beyond it
	maxAllCells  = 20_000_000
	maxMerges    = 50_000
)

// book is an open workbook.
type book struct {
	file   *excelize.File
	sheets []sheetInfo
	is1904 bool
	left   int // cells that may still be read
}

// sheetInfo is what is known of a sheet before its rows are read.
type sheetInfo struct {
	name    string
	hidden  bool
	lastRow int
	merges  []merge
}

// merge is a run of cells of one column that were merged downwards.
type merge struct{ column, from, to int }

// notBook is what a person is told of a file that is no workbook.
const notBook = "That file is not an Excel workbook that I can read. If it is an older one (.xls) or has a password, please save it anew as XLSX."

func openBook(r io.ReaderAt, size int64) (*book, error) {
	archive, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	b := &book{left: maxAllCells}
	if err := b.survey(archive); err != nil {
		return nil, err
	}
	err = safely(func() error {
		b.file, err = excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
			UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: inMemory,
			ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "dddd d mmmm yyyy", LongTimePattern: "hh:mm:ss",
		})
		return err
	})
	if err != nil {
		return nil, handrail.Errorf(handrail.KindInvalid, notBook, "open a workbook: %w", err)
	}
	return b, nil
}

// Close removes the temporary files.
func (b *book) Close() { _ = b.file.Close() }

// safely runs what a hostile workbook might make the library stumble over. A panic becomes an error: one bad file must
// not stop the service.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the workbook is not as it should be")
		}
	}()
	return do()
}

// survey reads the workbook's list of sheets and looks through each once, unpacked as a stream: for its size, for what was
// merged, and whether it is whole. The library would take a sheet that is cut off for one that ends there.
func (b *book) survey(archive *zip.Reader) error {
	bad := func(why string) error {
		return handrail.Errorf(handrail.KindInvalid, notBook, "survey a workbook: %s", why)
	}
	parts := map[string]*zip.File{}
	var other uint64
	for _, f := range archive.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/"))
		if parts[name] != nil {
			return bad("a part of it is there twice")
		}
		parts[name] = f
		switch {
		case strings.HasPrefix(name, "xl/worksheets/"):
			if f.UncompressedSize64 > maxSheet {
				return bad("a sheet is too large")
			}
		case name == "xl/sharedstrings.xml":
			if f.UncompressedSize64 > maxStrings {
				return bad("its texts are too large")
			}
		default:
			other += f.UncompressedSize64
		}
	}
	if other > maxOther {
		return bad("what is beside its sheets is too large")
	}
	var workbook struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name       string     `xml:"name,attr"`
			State      string     `xml:"state,attr"`
			Attributes []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for name, into := range map[string]any{"xl/workbook.xml": &workbook, "xl/_rels/workbook.xml.rels": &links} {
		f := parts[name]
		if f == nil {
			return bad("it has no list of sheets")
		}
		raw, err := readEntry(f, 8<<20)
		if err != nil {
			return bad("its list of sheets cannot be read")
		}
		if declaresEntities(raw) || xml.Unmarshal(raw, into) != nil {
			return bad("its list of sheets cannot be read")
		}
	}
	if len(workbook.Sheets) > maxSheets {
		return bad("it has too many sheets")
	}
	b.is1904 = ticked(workbook.Properties.Date1904) == handrail.Yes
	targets := map[string]string{}
	for _, l := range links.All {
		target := l.Target
		if !strings.HasPrefix(target, "/") {
			target = "xl/" + target
		}
		targets[l.ID] = strings.ToLower(strings.TrimPrefix(path.Clean(target), "/"))
	}
	for _, s := range workbook.Sheets {
		info := sheetInfo{name: s.Name, hidden: s.State == "hidden" || s.State == "veryHidden"}
		for _, a := range s.Attributes {
			f := parts[targets[a.Value]]
			if a.Name.Local != "id" || f == nil || info.hidden || !strings.HasPrefix(targets[a.Value], "xl/worksheets/") {
				continue
			}
			if err := info.scan(f); err != nil {
				return err
			}
			b.sheets = append(b.sheets, info)
		}
		if info.hidden {
			b.sheets = append(b.sheets, info)
		}
	}
	if f := parts["xl/sharedstrings.xml"]; f != nil {
		return scanPart(f, "sst", func([]byte) {})
	}
	return nil
}

// declaresEntities reports whether XML has a document type, in which entities are declared. Workbooks have none.
func declaresEntities(raw []byte) bool {
	return bytes.Contains(raw, []byte("<!DOCTYPE")) || bytes.Contains(raw, []byte("<!ENTITY"))
}

var (
	mergeShape = regexp.MustCompile(`mergeCell [^>]*ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"`)
	rowShape   = regexp.MustCompile(`<(?:[a-zA-Z0-9]+:)?row [^>]*\br="([0-9]{1,7})"`)
)

// scan finds the sheet's last row and what was merged.
func (s *sheetInfo) scan(f *zip.File) error {
	return scanPart(f, "sheetData", func(piece []byte) {
		if at := bytes.LastIndex(piece, []byte("row ")); at >= 0 {
			for _, m := range rowShape.FindAllSubmatch(piece[max(0, at-20):], -1) {
				if n, err := strconv.Atoi(string(m[1])); err == nil {
					s.lastRow = max(s.lastRow, n)
				}
			}
		}
		if !bytes.Contains(piece, []byte("mergeCell ")) {
			return
		}
		for _, m := range mergeShape.FindAllSubmatch(piece, -1) {
			from, _ := strconv.Atoi(string(m[2]))
			to, _ := strconv.Atoi(string(m[4]))
			one := merge{column: columnIndex(string(m[1])), from: from, to: to}
			if to > from && len(s.merges) < maxMerges && !slices.Contains(s.merges[max(0, len(s.merges)-4):], one) {
				s.merges = append(s.merges, one)
			}
		}
	})
}

// scanPart unpacks a part as a stream and shows it piece by piece, each with the end of the one before it. The part must
// end its element, declare no entities, and be what its checksum says.
func scanPart(f *zip.File, element string, show func(piece []byte)) error {
	notWhole := func(why string) error {
		return handrail.Errorf(handrail.KindInvalid, "The workbook is not whole. Please save it again and send it anew.", "survey a workbook: %s", why)
	}
	in, err := f.Open()
	if err != nil {
		return notWhole("a part cannot be opened")
	}
	defer in.Close()
	const overlap = 512
	buffer := make([]byte, 0, 64<<10)
	ended := false
	for {
		keep := min(len(buffer), overlap)
		buffer = append(buffer[:0], buffer[len(buffer)-keep:]...)
		n, err := in.Read(buffer[keep:cap(buffer)])
		buffer = buffer[:keep+n]
		if declaresEntities(buffer) {
			return handrail.Errorf(handrail.KindInvalid, notBook, "survey a workbook: it declares entities")
		}
		ended = ended || endsElement(buffer, element)
		show(buffer)
		switch {
		case errors.Is(err, io.EOF) && ended:
			return nil
		case errors.Is(err, io.EOF):
			return notWhole("a part stops before its end")
		case err != nil:
			return notWhole("a part cannot be read")
		}
	}
}

// endsElement reports whether "</name>", "</x:name>" or "<name/>" stands in a piece of XML.
func endsElement(piece []byte, name string) bool {
	for {
		at := bytes.Index(piece, []byte(name))
		if at < 0 {
			return false
		}
		before, after := piece[:at], bytes.TrimLeft(piece[at+len(name):], " ")
		if open := bytes.LastIndexByte(before, '<'); open >= 0 && len(before)-open < 20 {
			if bytes.HasPrefix(after, []byte("/>")) || bytes.HasPrefix(before[open:], []byte("</")) && bytes.HasPrefix(after, []byte(">")) {
				return true
			}
		}
		piece = piece[at+len(name):]
	}
}

// columnIndex is the place of a column by its letters: A is 0.
func columnIndex(name string) int {
	n := 0
	for _, r := range name {
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}

// sheetHead is a sheet whose head was read.
type sheetHead struct {
	head
	info sheetInfo
	rows *sheetRows
	bad  error
}

func closeAll(heads []sheetHead) {
	for _, h := range heads {
		h.rows.close()
	}
}

// heads reads the heads of all visible sheets. What it returns must be closed, with an error too.
func (b *book) heads(ctx context.Context, m Mapping) ([]sheetHead, error) {
	var all []sheetHead
	for _, info := range b.sheets {
		if info.hidden {
			continue
		}
		rows, err := b.rows(info)
		if err != nil {
			return all, err
		}
		one := sheetHead{info: info, rows: rows}
		if one.head, err = readHead(ctx, rows, m); err != nil {
			if ctx.Err() != nil || len(b.sheets) == 1 {
				return append(all, one), err
			}
			one.bad = err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return all, handrail.Errorf(handrail.KindInvalid, "The workbook has no sheet that can be seen.", "read a workbook: no visible sheet")
	}
	return all, nil
}

// mainSheet is the first sheet whose names are found without a doubt; else the first that has any rows.
func mainSheet(heads []sheetHead) int {
	filled := -1
	for i, h := range heads {
		if h.bad != nil || len(h.Rows) == 0 {
			continue
		}
		if filled < 0 {
			filled = i
		}
		if m, _ := h.Guess(); m.ready() == nil {
			return i
		}
	}
	return max(filled, 0)
}

// read takes in every sheet that has the columns.
func (b *book) read(ctx context.Context, source string, m Mapping, out *Result, opts []Option) error {
	heads, err := b.heads(ctx, m)
	defer closeAll(heads)
	if err != nil {
		return err
	}
	first := 0
	if m.IsZero() {
		first = mainSheet(heads)
		m, _ = heads[first].Guess()
	}
	if err := m.ready(); err != nil {
		return err
	}
	r := newReading(source, out, nil, opts)
	read := 0
	for i, h := range heads {
		r.where = ""
		if i != first {
			r.where = " (in the sheet " + quote(h.info.name) + ")"
		}
		at, _ := m.resolve(h.Headings)
		if h.bad != nil || len(at[FieldName]) == 0 {
			if len(h.head.rows) > 0 || h.bad != nil {
				r.problem(Problem{Line: 1, Reason: "a sheet has not the columns of the table, so it is left out", Kept: true})
			}
			continue
		}
		read++
		if err := r.table(ctx, h.rows, h.head, m); err != nil {
			return err
		}
	}
	for _, info := range b.sheets {
		if info.hidden {
			r.where = " (in the sheet " + quote(info.name) + ")"
			r.problem(Problem{Line: 1, Reason: "a sheet is hidden, so it is left out", Kept: true})
		}
	}
	if read == 0 {
		return handrail.Errorf(handrail.KindInvalid, "No sheet of the workbook has a column "+quote(m.Columns[FieldName][0])+", which should hold the names of the groups.",
			"read a workbook: the column for the name is not there")
	}
	return nil
}

// sheetRows reads a sheet row by row.
type sheetRows struct {
	book   *book
	info   sheetInfo
	rows   *excelize.Rows
	line   int
	merged []mergedValue
	at     int // of info.merges, which begin in order
}

// mergedValue is the value that the rows of a merge share.
type mergedValue struct {
	merge
	value string
}

func (b *book) rows(info sheetInfo) (*sheetRows, error) {
	s := &sheetRows{book: b, info: info}
	slices.SortFunc(s.info.merges, func(a, b merge) int { return a.from - b.from })
	err := safely(func() (err error) {
		s.rows, err = b.file.Rows(info.name)
		return err
	})
	if err != nil {
		return s, handrail.Errorf(handrail.KindInvalid, notBook, "read a sheet: it cannot be opened")
	}
	return s, nil
}

func (s *sheetRows) close() {
	if s.rows != nil {
		_ = s.rows.Close()
	}
}

func (s *sheetRows) dates1904() bool { return s.book.is1904 }

// next gives the next row that is not empty.
func (s *sheetRows) next() (int, []string, error) {
	for range maxEmptyRows {
		var cells []string
		more := false
		err := safely(func() (err error) {
			if more = s.rows.Next(); more {
				cells, err = s.rows.Columns()
			}
			return err
		})
		if err != nil {
			return s.line, nil, handrail.Errorf(handrail.KindInvalid, "A sheet of the workbook cannot be read to its end.", "read a sheet: line %d: it cannot be read", s.line)
		}
		if !more {
			if s.line < s.info.lastRow {
				return s.line, nil, handrail.Errorf(handrail.KindInvalid, "A sheet of the workbook cannot be read to its end.", "read a sheet: it stops at line %d of %d", s.line, s.info.lastRow)
			}
			return s.line, nil, io.EOF
		}
		if s.line++; s.line > maxLine {
			break
		}
		if s.book.left -= len(cells) + 1; s.book.left < 0 {
			return s.line, nil, handrail.Errorf(handrail.KindInvalid, "The workbook holds more cells than I can take in.", "read a sheet: more than %d cells", maxAllCells)
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		if len(cells) == 0 || emptyRow(cells) {
			continue
		}
		if len(cells) > maxCells {
			return s.line, nil, rowError(tooManyCells)
		}
		size := 0
		for i, cell := range cells {
			cells[i] = strings.ToValidUTF8(cell, "")
			size += len(cell)
		}
		if size > maxRowBytes {
			return s.line, nil, rowError("the row is too long")
		}
		return s.line, s.fillDown(cells), nil
	}
	return s.line, nil, io.EOF
}

// fillDown gives a row the values of the cells that were merged down into it.
func (s *sheetRows) fillDown(cells []string) []string {
	s.merged = slices.DeleteFunc(s.merged, func(m mergedValue) bool { return m.to < s.line })
	for ; s.at < len(s.info.merges) && s.info.merges[s.at].from <= s.line; s.at++ {
		m := s.info.merges[s.at]
		if m.from == s.line && m.column < len(cells) && cells[m.column] != "" {
			s.merged = append(s.merged, mergedValue{m, cells[m.column]})
		}
	}
	for _, m := range s.merged {
		if m.from == s.line || m.column >= maxCells {
			continue
		}
		for len(cells) <= m.column {
			cells = append(cells, "")
		}
		if cells[m.column] == "" {
			cells[m.column] = m.value
		}
	}
	return cells
}
